package com.example.siege;

/** Writes protocol pings, pongs or empty fragments without end. */
final class FrameFlood extends MemberScript {

    private static final int MOST_PENDING = 64 * 1024;
    private static final byte[] BEGINNING = Frames.frame(Frames.TEXT, new byte[] {'{'});
    private static final byte[][] FLOODS = {
        Frames.times(1_000, Frames.frame(Frames.FIN | Frames.PING, new byte[0])),
        Frames.times(1_000, Frames.frame(Frames.FIN | Frames.PONG, new byte[0])),
        Frames.times(1_000, Frames.frame(Frames.CONTINUATION, new byte[0])),
    };

    private final byte[] flood;

    FrameFlood(int i) {
        super("flood" + i, "flood" + i, false);
        this.flood = FLOODS[i % FLOODS.length];
    }

    @Override
    void joined(Peer peer) {
        if (flood == FLOODS[2]) {
            peer.write(BEGINNING);
        }
    }

    @Override
    void tick(Peer peer, long now) {
        if (isIn() && peer.pending() < MOST_PENDING) {
            peer.write(flood);
        }
    }
}
