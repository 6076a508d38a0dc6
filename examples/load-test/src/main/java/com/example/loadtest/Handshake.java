package com.example.loadtest;

import java.net.ProtocolException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** How a connection is opened (RFC 6455, section 4.1). */
final class Handshake {

    static final String V1 = "roomcast.v1";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final String key;
    private final boolean offered;
    private boolean agreed;

    Handshake(boolean offerV1) {
        byte[] random = new byte[16];
        ThreadLocalRandom.current().nextBytes(random);
        this.key = Base64.getEncoder().encodeToString(random);
        this.offered = offerV1;
    }

    byte[] request(URI url, String room, String user) {
        String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        String query = (url.getRawQuery() == null ? "" : url.getRawQuery() + "&") + "room=" + encoded(room) + "&user="
                + encoded(user);
        String text = "GET " + path + "?" + query + " HTTP/1.1\r\nHost: " + url.getRawAuthority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + key + "\r\n" + (offered ? "Sec-WebSocket-Protocol: " + V1 + "\r\n" : "") + "\r\n";
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Where the answer ends; -1 if it is not whole yet. */
    static int end(byte[] bytes, int length) {
        for (int i = 3; i < length; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n' && bytes[i - 3] == '\r') {
                return i + 1;
            }
        }
        return -1;
    }

    void check(byte[] bytes, int length) throws ProtocolException {
        String[] lines = new String(bytes, 0, length, StandardCharsets.ISO_8859_1).split("\r\n");
        if (!lines[0].startsWith("HTTP/1.1 101")) {
            throw new ProtocolException("the handshake was answered with " + lines[0]);
        }
        String accept = null;
        for (String line : lines) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).trim();
            if (name.equals("sec-websocket-accept")) {
                accept = value;
            } else if (name.equals("sec-websocket-protocol")) {
                agreed = value.equals(V1);
            }
        }
        if (!acceptOf(key).equals(accept)) {
            throw new ProtocolException("the handshake was answered with a wrong Sec-WebSocket-Accept");
        }
    }

    /** Whether the server speaks {@code roomcast.v1} with us. */
    boolean agreed() {
        return agreed;
    }

    static String acceptOf(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }
}
