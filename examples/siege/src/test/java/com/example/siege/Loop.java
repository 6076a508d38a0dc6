package com.example.siege;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A thread with a selector that runs the scripts of many connections. Closing cuts them all. */
final class Loop implements AutoCloseable {

    static final int TICKS_PER_SECOND = 20;

    private static final long TICK = TimeUnit.SECONDS.toNanos(1) / TICKS_PER_SECOND;

    private final InetSocketAddress server;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Runnable> perTick = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
    private volatile boolean isClosed;

    Loop(String name, InetSocketAddress server) throws IOException {
        this.server = server;
        this.selector = Selector.open();
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Runs something on the loop's thread. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** Runs something on the loop's thread before each tick. */
    void eachTick(Runnable task) {
        execute(() -> perTick.add(task));
    }

    /** Opens a connection from one of the machine's own addresses. Called on the loop's thread. */
    Peer open(String source, Script script) {
        try {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            if (script.receiveBuffer() > 0) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, script.receiveBuffer());
            }
            channel.bind(new InetSocketAddress(source, 0));
            Peer peer = new Peer(channel, script);
            peer.registered(channel.register(selector, SelectionKey.OP_CONNECT, peer));
            peers.add(peer);
            if (channel.connect(server)) {
                peer.connect();
            }
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run() {
        long nextTick = System.nanoTime();
        try {
            while (!isClosed) {
                selector.select(this::ready, 10);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    task.run();
                }
                long now = System.nanoTime();
                if (now - nextTick >= 0) {
                    nextTick = now + TICK;
                    tick(now);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            peers.forEach(peer -> peer.close("the client ended"));
        }
    }

    private void tick(long now) {
        peers.removeIf(Peer::isClosed);
        perTick.forEach(Runnable::run);
        for (Peer peer : List.copyOf(peers)) {
            if (!peer.isClosed()) {
                peer.tick(now);
            }
        }
    }

    private void ready(SelectionKey key) {
        Peer peer = (Peer) key.attachment();
        try {
            if (key.isConnectable()) {
                peer.connect();
                return;
            }
            if (key.isReadable()) {
                peer.read(buffer);
            }
            if (key.isValid() && key.isWritable()) {
                peer.flush();
            }
        } catch (IOException e) {
            peer.close(e.toString());
        }
    }

    @Override
    public void close() {
        isClosed = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
