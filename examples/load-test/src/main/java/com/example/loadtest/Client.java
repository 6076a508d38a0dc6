package com.example.loadtest;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One connection: from the handshake to the close, and what comes over it. It lives on the thread of its loop, to which it
 * hands the messages. Small, because there are tens of thousands of them: what it waits to write is kept only while it waits.
 */
final class Client implements FrameParser.Sink {

    private enum State {
        SHAKING,
        OPEN,
        CLOSING,
        CLOSED
    }

    private static final int MAX_ANSWER = 16 * 1024;

    private final Loop loop;
    private final String user;
    private final String room;
    private final Checker checker;
    private final FrameParser parser = new FrameParser(this);
    private Publisher publisher;
    private State state = State.SHAKING;
    private SocketChannel channel;
    private SelectionKey key;
    private Handshake handshake;
    private byte[] answer = {};
    private ByteBuffer out;
    private boolean v1;
    private boolean joined;

    Client(Loop loop, String user, String room, Checker checker) {
        this.loop = loop;
        this.user = user;
        this.room = room;
        this.checker = checker;
    }

    String user() {
        return user;
    }

    String room() {
        return room;
    }

    Checker checker() {
        return checker;
    }

    /** Null if the connection only listens. */
    Publisher publisher() {
        return publisher;
    }

    void publisher(Publisher publisher) {
        this.publisher = publisher;
    }

    boolean open() {
        return state == State.OPEN;
    }

    boolean closed() {
        return state == State.CLOSED;
    }

    boolean speaksV1() {
        return v1;
    }

    /** Begins to connect. The source is null where any address of this machine will do. */
    void connect(Selector selector, URI url, InetSocketAddress server, InetSocketAddress source, boolean offerV1) {
        try {
            channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (source != null) {
                channel.bind(source);
            }
            handshake = new Handshake(offerV1);
            byte[] request = handshake.request(url, room, user);
            out = ByteBuffer.allocate(request.length).put(request);
            if (channel.connect(server)) {
                key = channel.register(selector, SelectionKey.OP_READ, this);
                flush();
            } else {
                key = channel.register(selector, SelectionKey.OP_CONNECT, this);
            }
        } catch (IOException e) {
            end("cannot connect: " + e.getMessage());
        }
    }

    /** The selector says that something can be done. */
    void ready(ByteBuffer direct, byte[] bytes) {
        try {
            if (key.isConnectable() && channel.finishConnect()) {
                key.interestOps(SelectionKey.OP_READ);
                flush();
            }
            if (key.isValid() && key.isReadable()) {
                read(direct, bytes);
            }
            if (key.isValid() && key.isWritable()) {
                flush();
            }
        } catch (IOException e) {
            end(e.getMessage());
        }
    }

    /** What comes back is sent at once and not at the end of the loop's turn, which may be a thousand reads away. */
    private void read(ByteBuffer direct, byte[] bytes) throws IOException {
        direct.clear();
        int length = channel.read(direct);
        if (length < 0) {
            end("the server closed the connection without a close frame");
            return;
        }
        direct.flip().get(bytes, 0, length);
        loop.tick();
        int from = state == State.SHAKING ? shake(bytes, length) : 0;
        parser.feed(bytes, from, length);
        flush();
    }

    /** Returns where the first frame begins. */
    private int shake(byte[] bytes, int length) throws ProtocolException {
        int had = answer.length;
        answer = Arrays.copyOf(answer, had + length);
        System.arraycopy(bytes, 0, answer, had, length);
        int end = Handshake.end(answer, answer.length);
        if (end < 0 && answer.length < MAX_ANSWER) {
            return length;
        }
        handshake.check(answer, end < 0 ? answer.length : end);
        v1 = handshake.agreed();
        state = State.OPEN;
        answer = null;
        handshake = null;
        return end - had;
    }

    @Override
    public void text(byte[] bytes, int from, int to) {
        int begin = from;
        if (v1) {
            for (int end = Lines.end(bytes, begin, to); end < to; end = Lines.end(bytes, begin, to)) {
                loop.message(this, bytes, begin, end);
                begin = end + 1;
            }
        }
        loop.message(this, bytes, begin, to);
    }

    @Override
    public void control(int opcode, byte[] bytes, int from, int to) {
        if (opcode == 9) {
            send(Outgoing.PONG, bytes, from, to);
        } else if (opcode == Outgoing.CLOSE) {
            int code = to - from < 2 ? 1005 : (bytes[from] & 0xff) << 8 | bytes[from + 1] & 0xff;
            String reason = to - from < 2 ? "" : new String(bytes, from + 2, to - from - 2, StandardCharsets.UTF_8);
            if (state == State.OPEN) {
                send(Outgoing.CLOSE, bytes, from, to);
                flush();
            }
            end("the server closed the connection with " + code + " " + reason);
        }
    }

    /** The first frame that tells it: the room knows this member. */
    void joined() {
        if (!joined) {
            joined = true;
            loop.opened();
        }
    }

    /** Puts a frame behind those that wait; {@link #flush} writes them. */
    void send(int opcode, byte[] payload, int from, int to) {
        int needed = Outgoing.room(to - from);
        if (out == null) {
            out = ByteBuffer.allocate(publisher == null ? needed : Math.max(needed, 8192));
        } else if (out.remaining() < needed) {
            out = ByteBuffer.allocate(2 * (out.position() + needed)).put(out.flip());
        }
        loop.outgoing().put(out, opcode, payload, from, to);
    }

    /** Bytes that the socket has not taken yet. */
    int backlog() {
        return out == null ? 0 : out.position();
    }

    void flush() {
        if (out == null || out.position() == 0 || state == State.CLOSED) {
            return;
        }
        try {
            out.flip();
            channel.write(out);
            out.compact();
            boolean all = out.position() == 0;
            if (all && publisher == null) {
                out = null;
            }
            int wanted = all ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            if (key.interestOps() != wanted) {
                key.interestOps(wanted);
            }
        } catch (IOException e) {
            end(e.getMessage());
        }
    }

    /** Says goodbye; the server's answer ends the connection. */
    void close() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            send(Outgoing.CLOSE, new byte[] {3, (byte) 232}, 0, 2);
            flush();
        } else {
            cut();
        }
    }

    /** Ends it without a word. */
    void cut() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (IOException e) {
                // It is gone, which is what was wanted.
            }
        }
    }

    private void end(String reason) {
        boolean meant = state == State.CLOSING || state == State.CLOSED;
        cut();
        if (!meant) {
            loop.lost(this, joined, reason);
        }
    }
}
