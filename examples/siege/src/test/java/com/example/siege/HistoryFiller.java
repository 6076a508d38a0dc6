package com.example.siege;

/** Joins 120 rooms and fills the history of each with messages of 64 KB. */
final class HistoryFiller extends MemberScript {

    private static final int ROOMS = 120;
    private static final int MOST_PENDING = 256 * 1024;

    private final String prefix;
    private int step;

    HistoryFiller(int i) {
        super("historian" + i, "history" + i, true);
        this.prefix = "history" + i + "-";
    }

    /** Two messages per tick are 40 a second, within the default rate. */
    @Override
    void tick(Peer peer, long now) {
        for (int i = 0; i < 2 && isIn() && peer.pending() < MOST_PENDING; i++) {
            String room = "\"room\":\"" + prefix + step % ROOMS + "\"";
            peer.write(step < ROOMS ? Frames.text("{\"type\":\"join\"," + room + "}") : SlowReader.large(room + ","));
            step++;
        }
    }
}
