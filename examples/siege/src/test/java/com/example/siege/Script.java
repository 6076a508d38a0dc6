package com.example.siege;

import java.nio.ByteBuffer;

/** What one connection does. All methods run on the thread of its {@link Loop}. */
abstract class Script {

    /** The TCP connection is open. */
    void connected(Peer peer) {}

    /** Bytes have arrived. What is left in the buffer afterwards is dropped. */
    void received(Peer peer, ByteBuffer bytes) {}

    /** {@link Loop#TICKS_PER_SECOND} times a second, from the first attempt to connect on. */
    void tick(Peer peer, long now) {}

    /** The connection is gone. */
    void closed(Peer peer, String why) {}

    /** How many bytes are read between two ticks. */
    int bytesPerTick() {
        return Integer.MAX_VALUE;
    }

    /** How large the system's buffer is for what arrives, in bytes; 0 for what the system thinks best. */
    int receiveBuffer() {
        return 0;
    }
}
