package com.example.siege;

/** Says as many messages with an id as the default rate lets it: each fills a share of what all users have in common. */
final class IdHoarder extends MemberScript {

    private static final String PADDING = "i".repeat(50);

    private final String prefix;
    private int number;
    private int ticks;

    IdHoarder(int i) {
        super("hoarder" + i, "hoard" + i, true);
        this.prefix = PADDING + i + "-";
    }

    /** Five messages in two ticks are 50 a second. */
    @Override
    void tick(Peer peer, long now) {
        ticks++;
        for (int i = 0; i < 2 + ticks % 2 && isIn() && peer.pending() < 4096; i++) {
            peer.write(Frames.text("{\"content\":1,\"id\":\"" + prefix + number++ + "\"}"));
        }
    }
}
