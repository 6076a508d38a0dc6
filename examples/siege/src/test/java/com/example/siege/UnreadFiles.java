package com.example.siege;

import java.nio.charset.StandardCharsets;

/** Asks for the browser client 400 times at once and reads nothing. */
final class UnreadFiles extends Script {

    private static final byte[] REQUESTS = Frames.times(
            400,
            "GET /roomcast/roomcast.js HTTP/1.1\r\nHost: siege.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

    @Override
    void connected(Peer peer) {
        peer.write(REQUESTS);
    }

    @Override
    int bytesPerTick() {
        return 0;
    }

    /** Or the system would take all the answers, and nobody would have to wait. */
    @Override
    int receiveBuffer() {
        return 4096;
    }
}
