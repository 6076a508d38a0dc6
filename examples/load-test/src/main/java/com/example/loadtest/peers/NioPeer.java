package com.example.loadtest.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ceiling: one thread, one selector, and nothing that a real server needs besides. What came in during one turn of the
 * selector becomes frames once, and each member's socket gets all of them in one write. There are no guards, no heartbeat
 * and no history, and a message is not parsed: what stands behind {@code {"content":} is taken for the content.
 */
public final class NioPeer implements AutoCloseable {

    private static final int READ_BYTES = 64 * 1024;
    private static final int BACKLOG = 1024;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel server = ServerSocketChannel.open();
    private final Map<String, NioRoom> rooms = new HashMap<>();
    private final List<NioRoom> loud = new ArrayList<>();
    private final ByteBuffer read = ByteBuffer.allocateDirect(READ_BYTES);
    private final Thread thread = new Thread(this::run, "nio-peer");
    private volatile boolean ended;

    private NioPeer() throws IOException {
        server.bind(new InetSocketAddress("127.0.0.1", 0), BACKLOG);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        thread.start();
    }

    /** Starts listening on a port that is free. */
    public static NioPeer start() throws IOException {
        return new NioPeer();
    }

    public int port() {
        return server.socket().getLocalPort();
    }

    private void run() {
        try {
            while (!ended) {
                selector.select(this::ready);
                loud.forEach(NioRoom::flush);
                loud.clear();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (key.isAcceptable()) {
            accept();
            return;
        }
        NioMember member = (NioMember) key.attachment();
        try {
            if (key.isReadable()) {
                member.read(read);
            }
            if (key.isValid() && key.isWritable()) {
                member.writeRest();
            }
        } catch (IOException | IllegalArgumentException gone) {
            member.cut();
        }
    }

    private void accept() {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                channel.configureBlocking(false);
                channel.socket().setTcpNoDelay(true);
                NioMember member = new NioMember(this, channel);
                member.key(channel.register(selector, SelectionKey.OP_READ, member));
            }
        } catch (IOException e) {
            // Whoever wanted in has gone again, or there are too many.
        }
    }

    NioRoom room(String name) {
        return rooms.computeIfAbsent(name, NioRoom::new);
    }

    /** The room has something to write at the end of this turn. */
    void loud(NioRoom room) {
        loud.add(room);
    }

    void empty(NioRoom room) {
        rooms.remove(room.name());
    }

    @Override
    public void close() throws IOException {
        ended = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    public static void main(String... args) throws IOException {
        Peer.serveUntilInputEnds(start().port());
    }
}
