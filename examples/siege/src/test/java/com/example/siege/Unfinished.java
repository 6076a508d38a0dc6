package com.example.siege;

/** Begins a message of 64 KB, as a fragment or as a frame, before login or after it, and never ends it. */
final class Unfinished extends MemberScript {

    private static final byte[] MOST_OF_IT = new byte[60_000];
    private static final byte[] FRAGMENT = Frames.frame(Frames.TEXT, MOST_OF_IT);
    private static final byte[] FRAME = Frames.frame(Frames.FIN | Frames.TEXT, MOST_OF_IT, 65_000);

    private final boolean logsIn;
    private final byte[] beginning;

    Unfinished(int i) {
        super("unfinished" + i, "unfinished" + i, false);
        this.logsIn = i % 2 == 0;
        this.beginning = i % 4 < 2 ? FRAGMENT : FRAME;
    }

    @Override
    boolean logsIn() {
        return logsIn;
    }

    @Override
    void upgraded(Peer peer) {
        super.upgraded(peer);
        if (!logsIn) {
            peer.write(beginning);
        }
    }

    @Override
    void joined(Peer peer) {
        peer.write(beginning);
    }
}
