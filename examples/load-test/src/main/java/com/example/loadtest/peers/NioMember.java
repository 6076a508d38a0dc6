package com.example.loadtest.peers;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection of {@link NioPeer}. */
final class NioMember {

    private static final Pattern REQUEST =
            Pattern.compile("GET \\S*[?&]room=([^&\\s]*)&user=([^&\\s]*) .*?Sec-WebSocket-Key: (\\S+)", Pattern.DOTALL);
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final byte[] CONTENT = "{\"content\":".getBytes(StandardCharsets.ISO_8859_1);
    private static final int MOST_IN = 1024 * 1024;
    private static final int MOST_OUT = 16 * 1024 * 1024;

    private final NioPeer peer;
    private final SocketChannel channel;
    private SelectionKey key;
    private NioRoom room;
    private String user;
    private byte[] head;
    private byte[] in = {};
    private int inLength;
    private ByteBuffer rest;

    NioMember(NioPeer peer, SocketChannel channel) {
        this.peer = peer;
        this.channel = channel;
    }

    void key(SelectionKey key) {
        this.key = key;
    }

    String user() {
        return user;
    }

    void read(ByteBuffer direct) throws IOException {
        direct.clear();
        int length = channel.read(direct);
        if (length < 0 || inLength + length > MOST_IN) {
            cut();
            return;
        }
        if (in.length < inLength + length) {
            in = Arrays.copyOf(in, inLength + length);
        }
        direct.flip().get(in, inLength, length);
        inLength += length;
        int used = room == null ? shake() : 0;
        if (room != null) {
            used = frames(used);
            System.arraycopy(in, used, in, 0, inLength - used);
            inLength -= used;
        }
    }

    private int shake() {
        String request = new String(in, 0, inLength, StandardCharsets.ISO_8859_1);
        int end = request.indexOf("\r\n\r\n");
        Matcher matcher = REQUEST.matcher(request);
        if (end < 0 || !matcher.find()) {
            return 0;
        }
        user = URLDecoder.decode(matcher.group(2), StandardCharsets.UTF_8);
        head = ("{\"type\":\"chat\",\"userId\":\"" + user + "\",\"content\":").getBytes(StandardCharsets.ISO_8859_1);
        room = peer.room(URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8));
        write(ByteBuffer.wrap(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + accept(matcher.group(3)) + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1)));
        room.join(this);
        return end + 4;
    }

    /** Takes all frames that are whole; returns where the first that is not begins. */
    private int frames(int start) {
        int from = start;
        while (room != null && inLength - from >= 6) {
            int small = in[from + 1] & 0x7f;
            int header = small < 126 ? 6 : small == 126 ? 8 : 14;
            if (inLength - from < header) {
                return from;
            }
            long payload = small < 126 ? small : number(from + 2, header - 6);
            if (inLength - from - header < payload) {
                return from;
            }
            int end = from + header + (int) payload;
            unmask(from + header, end);
            frame(in[from] & 0x0f, from + header, end);
            from = end;
        }
        return Math.min(from, inLength);
    }

    private long number(int from, int length) {
        long number = 0;
        for (int i = from; i < from + length; i++) {
            number = number << 8 | in[i] & 0xff;
        }
        return number;
    }

    private void unmask(int from, int to) {
        for (int i = from; i < to; i++) {
            in[i] ^= in[from - 4 + (i - from & 3)];
        }
    }

    private void frame(int opcode, int from, int to) {
        if (opcode == 1 && Arrays.equals(in, from, Math.min(to, from + CONTENT.length), CONTENT, 0, CONTENT.length)) {
            if (room.silent()) {
                peer.loud(room);
            }
            room.said(head, in, from + CONTENT.length, to - 1);
        } else if (opcode == 8) {
            write(ByteBuffer.wrap(new byte[] {(byte) 0x88, 0}));
            cut();
        }
    }

    /** What the socket does not take now waits, and what comes later waits behind it. */
    void write(ByteBuffer bytes) {
        try {
            if (rest == null) {
                channel.write(bytes);
            }
            if (!bytes.hasRemaining()) {
                return;
            }
            int waiting = rest == null ? 0 : rest.remaining();
            if (waiting + bytes.remaining() > MOST_OUT) {
                cut();
                return;
            }
            ByteBuffer longer = ByteBuffer.allocate(waiting + bytes.remaining());
            rest = (rest == null ? longer : longer.put(rest)).put(bytes).flip();
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        } catch (IOException gone) {
            cut();
        }
    }

    void writeRest() throws IOException {
        channel.write(rest);
        if (!rest.hasRemaining()) {
            rest = null;
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    void cut() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone, which is what was wanted.
        }
        NioRoom left = room;
        room = null;
        inLength = 0;
        if (left != null && left.leave(this)) {
            peer.empty(left);
        }
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
