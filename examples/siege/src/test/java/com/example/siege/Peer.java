package com.example.siege;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** One connection: what waits to be written to it, and how much it may read. Used by the thread of its {@link Loop} alone. */
final class Peer {

    private final SocketChannel channel;
    private final Script script;
    private final Deque<ByteBuffer> outgoing = new ArrayDeque<>();
    private SelectionKey key;
    private long pending;
    private int readable;
    private boolean isConnected;
    private boolean isClosed;

    Peer(SocketChannel channel, Script script) {
        this.channel = channel;
        this.script = script;
    }

    void registered(SelectionKey newKey) {
        this.key = newKey;
    }

    Script script() {
        return script;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Bytes that the network has not taken yet. A script that writes without end looks at it. */
    long pending() {
        return pending;
    }

    /** Writes bytes, which nobody may change afterwards; many peers may share them. */
    void write(byte[] bytes) {
        if (isClosed) {
            return;
        }
        outgoing.add(ByteBuffer.wrap(bytes));
        pending += bytes.length;
        if (isConnected && outgoing.size() == 1) {
            flush();
        }
        listen();
    }

    void connect() throws IOException {
        if (channel.finishConnect()) {
            isConnected = true;
            script.connected(this);
            listen();
        }
    }

    void tick(long now) {
        readable = script.bytesPerTick();
        script.tick(this, now);
        listen();
    }

    void read(ByteBuffer buffer) throws IOException {
        buffer.clear().limit(Math.min(buffer.capacity(), readable));
        int read = channel.read(buffer);
        if (read < 0) {
            close("the server closed the connection");
            return;
        }
        readable -= read;
        script.received(this, buffer.flip());
        listen();
    }

    void flush() {
        try {
            while (!outgoing.isEmpty()) {
                pending -= channel.write(outgoing.peek());
                if (outgoing.peek().hasRemaining()) {
                    break;
                }
                outgoing.remove();
            }
        } catch (IOException e) {
            close(e.toString());
        }
        listen();
    }

    private void listen() {
        if (!isClosed && isConnected && key.isValid()) {
            key.interestOps(
                    (readable > 0 ? SelectionKey.OP_READ : 0) | (outgoing.isEmpty() ? 0 : SelectionKey.OP_WRITE));
        }
    }

    void close(String why) {
        if (isClosed) {
            return;
        }
        isClosed = true;
        outgoing.clear();
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone all the same.
        }
        script.closed(this, why);
    }
}
