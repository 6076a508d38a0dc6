package dev.roomcast.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between instances and Redis and does what networks do: it swallows what it should pass on, in one direction or in
 * both and without a sign to anyone, cuts, and leads to another Redis. A link that once swallowed something passes nothing
 * in that direction until it is cut, as no part of a stream arrives behind one that is lost.
 */
final class Proxy implements AutoCloseable {

    /** Direction of what is passed on. */
    enum Way {
        TO_REDIS,
        FROM_REDIS
    }

    private static final int CHUNK = 64 * 1024;
    private static final byte[] SUBSCRIBE = "SUBSCRIBE".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket door;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicLong swallowed = new AtomicLong();
    private volatile int target;
    private volatile Set<Way> swallows = Set.of();
    private volatile boolean listeningOnly;

    Proxy(int target) {
        this.target = target;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("proxy", this::accept);
    }

    String uri() {
        return "redis://127.0.0.1:" + door.getLocalPort();
    }

    /** New links lead there; those that are there stay as they are. */
    void leadTo(int port) {
        target = port;
    }

    /** From now on swallows, on links that are there and on new ones. */
    void swallow(Way... ways) {
        listeningOnly = false;
        swallows = Set.of(ways);
    }

    /** The same on links that have subscribed to something. */
    void swallowWhereSubscribed(Way... ways) {
        listeningOnly = true;
        swallows = Set.of(ways);
    }

    /** New links pass everything on. */
    void heal() {
        swallows = Set.of();
    }

    /** Ends all links. */
    void cut() {
        links.forEach(Link::close);
    }

    /** Ends the links that have not subscribed to anything. */
    void cutWhereNotSubscribed() {
        links.stream().filter(link -> !link.isSubscribed()).forEach(Link::close);
    }

    /** Bytes that were swallowed so far. */
    long swallowed() {
        return swallowed.get();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                Socket redis = new Socket();
                Link link = new Link(client, redis);
                links.add(link);
                try {
                    redis.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                    client.setTcpNoDelay(true);
                    redis.setTcpNoDelay(true);
                    start("proxy-to-redis", () -> link.pass(Way.TO_REDIS));
                    start("proxy-from-redis", () -> link.pass(Way.FROM_REDIS));
                } catch (IOException nobodyThere) {
                    link.close();
                }
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private final class Link {

        private final Socket client;
        private final Socket redis;
        private final Set<Way> dead = EnumSet.noneOf(Way.class);
        private boolean subscribed;

        Link(Socket client, Socket redis) {
            this.client = client;
            this.redis = redis;
        }

        void pass(Way way) {
            byte[] chunk = new byte[CHUNK];
            try {
                InputStream in = (way == Way.TO_REDIS ? client : redis).getInputStream();
                OutputStream out = (way == Way.TO_REDIS ? redis : client).getOutputStream();
                for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                    if (isSwallowed(way, chunk, n)) {
                        swallowed.addAndGet(n);
                    } else {
                        out.write(chunk, 0, n);
                    }
                }
            } catch (IOException cut) {
                // Then the other direction ends too.
            }
            close();
        }

        private synchronized boolean isSwallowed(Way way, byte[] chunk, int length) {
            subscribed |= way == Way.TO_REDIS && contains(chunk, length);
            if (swallows.contains(way) && (subscribed || !listeningOnly)) {
                dead.add(way);
            }
            return dead.contains(way);
        }

        synchronized boolean isSubscribed() {
            return subscribed;
        }

        private static boolean contains(byte[] chunk, int length) {
            for (int i = 0; i + SUBSCRIBE.length <= length; i++) {
                int j = 0;
                while (j < SUBSCRIBE.length && chunk[i + j] == SUBSCRIBE[j]) {
                    j++;
                }
                if (j == SUBSCRIBE.length) {
                    return true;
                }
            }
            return false;
        }

        void close() {
            links.remove(this);
            for (Socket socket : new Socket[] {client, redis}) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // It is closed, then.
                }
            }
        }
    }
}
