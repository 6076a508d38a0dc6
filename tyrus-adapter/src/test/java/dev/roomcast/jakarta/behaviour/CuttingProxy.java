package dev.roomcast.jakarta.behaviour;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * A network between client and server that can be cut: bytes go through until all connections are dropped at once, without a
 * close and in the middle of whatever was on its way.
 */
public final class CuttingProxy implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;

    private final ServerSocket door;
    private final IntSupplier target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong bytesLeft = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean refusing;

    /** Leads to a port of 127.0.0.1, which may change from one connection to the next. */
    public CuttingProxy(IntSupplier target) {
        this.target = target;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return door.getLocalPort();
    }

    /** How many connections have been made so far. */
    public int accepted() {
        return accepted.get();
    }

    /** Drops every connection. What the kernel still holds is thrown away (RST). */
    public void cut() {
        for (Socket socket : sockets) {
            drop(socket);
        }
    }

    /** Drops every connection when so many more bytes have come from the server, in the middle of a frame or not. */
    public void cutAfter(long bytes) {
        bytesLeft.set(bytes);
    }

    /** Whether there is still a cut to come. */
    public boolean isToCut() {
        return bytesLeft.get() < Long.MAX_VALUE;
    }

    /** From now on connections end at once, or no longer. */
    public void refuse(boolean now) {
        refusing = now;
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                if (refusing) {
                    drop(client);
                    continue;
                }
                // Whoever sees the number can cut it.
                sockets.add(client);
                accepted.incrementAndGet();
                start(() -> serve(client));
            } catch (IOException e) {
                // Closed, or the next one may do better.
            }
        }
    }

    private void serve(Socket client) {
        Socket server = new Socket();
        try {
            server.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.getAsInt()));
            sockets.add(server);
            start(() -> pipe(server, client, true));
            pipe(client, server, false);
        } catch (IOException e) {
            drop(client);
            drop(server);
        }
    }

    /** Hands on until one of the two ends, and ends the other. */
    private void pipe(Socket from, Socket to, boolean counts) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                long left = counts && isToCut() ? bytesLeft.addAndGet(-n) : 0;
                out.write(buffer, 0, (int) Math.max(0, n + Math.min(0, left)));
                if (left < 0) {
                    bytesLeft.set(Long.MAX_VALUE);
                    cut();
                }
            }
            to.shutdownOutput();
        } catch (IOException e) {
            drop(from);
            drop(to);
        }
    }

    private void drop(Socket socket) {
        sockets.remove(socket);
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is gone.
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            // Closed all the same.
        }
        cut();
    }
}
