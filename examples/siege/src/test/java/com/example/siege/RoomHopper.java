package com.example.siege;

import java.util.Random;

/** Joins and leaves random rooms twenty times a second. */
final class RoomHopper extends MemberScript {

    private final Random random;

    RoomHopper(int i) {
        super("hopper" + i, "hop" + i, true);
        this.random = new Random(i);
    }

    @Override
    void tick(Peer peer, long now) {
        if (isIn() && peer.pending() == 0) {
            String room = "\"room\":\"" + Long.toHexString(random.nextLong()) + "\"}";
            peer.write(Frames.text("{\"type\":\"join\"," + room));
            peer.write(Frames.text("{\"type\":\"leave\"," + room));
        }
    }
}
