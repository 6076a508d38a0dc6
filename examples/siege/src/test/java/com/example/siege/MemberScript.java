package com.example.siege;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client that shakes hands, says who it is, and comes into one room. What it does there is for those that extend it. */
abstract class MemberScript extends Script {

    private static final int LONGEST_ANSWER = 16 * 1024;

    private enum State {
        CONNECTING,
        LOGIN,
        IN
    }

    private final String user;
    private final String room;
    private final boolean isV1;
    private final StringBuilder answer = new StringBuilder();
    private final ServerFrames frames = new ServerFrames();
    private State state = State.CONNECTING;

    MemberScript(String user, String room, boolean isV1) {
        this.user = user;
        this.room = room;
        this.isV1 = isV1;
    }

    static byte[] handshake(String query, boolean isV1) {
        String request = "GET /rooms?" + query + " HTTP/1.1\r\nHost: siege.example\r\nUpgrade: websocket\r\n"
                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + (isV1 ? "Sec-WebSocket-Protocol: roomcast.v1\r\n" : "") + "\r\n";
        return request.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] login(String user) {
        return Frames.text("{\"type\":\"auth\",\"token\":\"" + user + "\"}");
    }

    /** The client is in the room. */
    void joined(Peer peer) {}

    /** An object of the server, from {@code joined} on. Called only if {@link #wantsLines}. */
    void line(Peer peer, String line) {}

    /** Whether the client reads what the server says in the room; otherwise it drops it unread. */
    boolean wantsLines() {
        return false;
    }

    /** Whether the client says who it is. */
    boolean logsIn() {
        return true;
    }

    /** The upgrade is done. */
    void upgraded(Peer peer) {
        if (logsIn()) {
            peer.write(login(user));
        }
    }

    final boolean isIn() {
        return state == State.IN;
    }

    @Override
    void connected(Peer peer) {
        peer.write(handshake("room=" + room, isV1));
    }

    @Override
    void received(Peer peer, ByteBuffer bytes) {
        if (state == State.CONNECTING && !readAnswer(peer, bytes)) {
            return;
        }
        if (state == State.LOGIN || wantsLines()) {
            frames.feed(bytes, (opcode, payload) -> frame(peer, opcode, payload));
        }
    }

    private boolean readAnswer(Peer peer, ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            answer.append((char) (bytes.get() & 0xff));
            if (answer.length() > LONGEST_ANSWER) {
                peer.close("the answer to the handshake does not end");
                return false;
            }
            if (answer.length() >= 4 && answer.substring(answer.length() - 4).equals("\r\n\r\n")) {
                if (!answer.toString().startsWith("HTTP/1.1 101 ")) {
                    peer.close("the handshake was answered by " + answer.substring(0, answer.indexOf("\r")));
                    return false;
                }
                state = State.LOGIN;
                upgraded(peer);
                return true;
            }
        }
        return false;
    }

    private void frame(Peer peer, int opcode, byte[] payload) {
        if (opcode == Frames.PING) {
            peer.write(Frames.frame(Frames.FIN | Frames.PONG, payload));
        } else if (opcode == Frames.CLOSE) {
            int code = payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
            peer.close("the server closed with " + code);
        } else if (opcode == Frames.TEXT) {
            ServerFrames.text(payload).lines().forEach(line -> lineOf(peer, line));
        }
    }

    private void lineOf(Peer peer, String line) {
        if (state == State.LOGIN && line.startsWith("{\"type\":\"joined\"")) {
            state = State.IN;
            joined(peer);
        } else if (state == State.IN && wantsLines()) {
            line(peer, line);
        }
    }
}
