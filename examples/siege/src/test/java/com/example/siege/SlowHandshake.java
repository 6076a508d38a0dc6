package com.example.siege;

import java.util.Arrays;

/** Connects and says nothing, or writes a handshake with one byte a second. */
final class SlowHandshake extends Script {

    private static final byte[] REQUEST = MemberScript.handshake("room=slow", false);

    private final boolean isSilent;
    private int ticks;

    SlowHandshake(int i) {
        this.isSilent = i % 2 == 0;
    }

    @Override
    void tick(Peer peer, long now) {
        int second = ticks++ / Loop.TICKS_PER_SECOND;
        if (!isSilent && ticks % Loop.TICKS_PER_SECOND == 0 && second < REQUEST.length) {
            peer.write(Arrays.copyOfRange(REQUEST, second, second + 1));
        }
    }
}
