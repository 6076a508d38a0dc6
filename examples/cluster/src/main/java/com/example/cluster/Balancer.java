package com.example.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The one address of the cluster: each connection goes to the next instance that runs, byte by byte. In production this is
 * nginx, HAProxy or the load balancer of a cloud, which do it better; none of them has to keep a client on its instance.
 */
final class Balancer implements AutoCloseable {

    private static final int MOST_CONNECTIONS = 500;
    private static final int BUFFER = 16 * 1024;

    private final List<InstanceProcess> instances;
    private final ServerSocket listening;
    private final AtomicInteger turn = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Two threads for each connection, and one that accepts. */
    private final ExecutorService threads = new ThreadPoolExecutor(
            0, 2 * MOST_CONNECTIONS + 1, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), Balancer::daemon);

    Balancer(int port, List<InstanceProcess> instances) throws IOException {
        this.instances = instances;
        this.listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "balancer");
        thread.setDaemon(true);
        return thread;
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket server = open.size() < 2 * MOST_CONNECTIONS ? next() : null;
                if (server == null) {
                    client.close();
                    continue;
                }
                open.add(client);
                open.add(server);
                threads.execute(() -> copy(client, server));
                threads.execute(() -> copy(server, client));
            } catch (IOException | RuntimeException closed) {
                // The next one.
            }
        }
    }

    /** A connection to the next instance that takes one; null if there is none. */
    private Socket next() {
        for (int i = 0; i < instances.size(); i++) {
            InstanceProcess instance = instances.get(Math.floorMod(turn.getAndIncrement(), instances.size()));
            int port = instance.port();
            if (port != 0) {
                try {
                    return new Socket(InetAddress.getLoopbackAddress(), port);
                } catch (IOException gone) {
                    // The next one.
                }
            }
        }
        return null;
    }

    private void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.setTcpNoDelay(true);
            byte[] bytes = new byte[BUFFER];
            InputStream in = from.getInputStream();
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                to.getOutputStream().write(bytes, 0, count);
            }
        } catch (IOException cut) {
            // Both ends are closed now.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
