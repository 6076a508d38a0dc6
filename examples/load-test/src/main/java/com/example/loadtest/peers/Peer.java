package com.example.loadtest.peers;

import java.io.IOException;
import java.io.InputStream;
import java.util.logging.LogManager;

/** What the Java servers of a comparison have in common: how they tell their port, and when they end. */
final class Peer {

    private Peer() {}

    /** Tells whoever started this process where it listens, and ends when that one closes its standard input. */
    static void serveUntilInputEnds(int port) throws IOException {
        System.out.println("port " + port);
        while (System.in.read() >= 0) {
            // Nothing is asked of a server this way.
        }
        System.exit(0);
    }

    /** Reads {@code logging.properties} of this example. */
    static void quieten() throws IOException {
        try (InputStream properties = Peer.class.getResourceAsStream("/logging.properties")) {
            LogManager.getLogManager().readConfiguration(properties);
        }
    }
}
