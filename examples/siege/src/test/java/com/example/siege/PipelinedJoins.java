package com.example.siege;

import java.io.ByteArrayOutputStream;

/** Joins a hundred rooms at once, each with a large {@code meta}, reads slowly, and comes back after five seconds. */
final class PipelinedJoins extends MemberScript {

    private static final int ROOMS = 100;
    private static final int BYTES_PER_TICK = 16 * 1024;
    private static final byte[] JOINS = joins();

    private int ticks;

    PipelinedJoins(int i) {
        super("joiner" + i, "join", true);
    }

    private static byte[] joins() {
        String meta = "\"meta\":{\"a\":\"" + "m".repeat(3_500) + "\"}";
        ByteArrayOutputStream joins = new ByteArrayOutputStream();
        for (int room = 0; room < ROOMS; room++) {
            joins.writeBytes(Frames.text("{\"type\":\"join\",\"room\":\"join" + room + "\"," + meta + "}"));
        }
        return joins.toByteArray();
    }

    @Override
    int bytesPerTick() {
        return BYTES_PER_TICK;
    }

    @Override
    void joined(Peer peer) {
        peer.write(JOINS);
    }

    @Override
    void tick(Peer peer, long now) {
        if (++ticks > 5 * Loop.TICKS_PER_SECOND) {
            peer.close("done");
        }
    }
}
