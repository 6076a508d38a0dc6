package com.example.siege;

/** Is alone in a room, says 64 KB to itself once a second, and reads 16 KB a second. */
final class SlowReader extends MemberScript {

    private static final int BYTES_PER_TICK = 16 * 1024 / Loop.TICKS_PER_SECOND;
    private static final int MOST_PENDING = 256 * 1024;

    /** A message of 64 KB, which is as large as one may be. */
    static final byte[] LARGE = large("");

    private int ticks;

    SlowReader(int i) {
        super("slow" + i, "slow" + i, true);
        ticks = i;
    }

    /** A message of 64 KB for the room of the URL, or with {@code "room":"name",} for another one. */
    static byte[] large(String room) {
        return Frames.text("{" + room + "\"content\":\"" + "x".repeat(64_000) + "\"}");
    }

    @Override
    int bytesPerTick() {
        return isIn() ? BYTES_PER_TICK : Integer.MAX_VALUE;
    }

    @Override
    void tick(Peer peer, long now) {
        if (isIn() && ++ticks % Loop.TICKS_PER_SECOND == 0 && peer.pending() < MOST_PENDING) {
            peer.write(LARGE);
        }
    }
}
