package com.example.siege;

/** Lets the server's handler throw twenty times a second, with a text that would be a line of its own in the log. */
final class HandlerFaults extends MemberScript {

    /** How a line of the log begins that a client has written. */
    static final String FORGED = "FORGED";

    private static final byte[] MESSAGE = Frames.text(
            "{\"type\":\"number\",\"content\":\"1\\n" + FORGED + " line \\u001b[31m\\r\\n" + FORGED + "\"}");

    HandlerFaults(int i) {
        super("faulty" + i, "faulty" + i, false);
    }

    @Override
    void tick(Peer peer, long now) {
        if (isIn() && peer.pending() == 0) {
            peer.write(MESSAGE);
        }
    }
}
