package dev.roomcast.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The network between a page and its server, which can be cut. Ends all its threads when closed. */
final class Wire implements AutoCloseable {

    private final int target;
    private final ServerSocket near;
    private final Set<Socket> ends = ConcurrentHashMap.newKeySet();
    private volatile boolean isDown;

    Wire(URI server) throws IOException {
        this.target = server.getPort();
        this.near = new ServerSocket(0, 50, InetAddress.getByName("localhost"));
        start(this::accept);
    }

    /** Where the server seems to be. */
    URI uri() {
        return URI.create("http://localhost:" + near.getLocalPort() + "/");
    }

    /** Resets what is connected, without a close, and lets nobody through. */
    void down() {
        isDown = true;
        ends.forEach(Wire::reset);
    }

    void up() {
        isDown = false;
    }

    private void accept() {
        try {
            while (true) {
                Socket page = near.accept();
                if (isDown) {
                    reset(page);
                    continue;
                }
                Socket server = new Socket("localhost", target);
                ends.add(page);
                ends.add(server);
                start(() -> carry(page, server));
                start(() -> carry(server, page));
                if (isDown) {
                    down();
                }
            }
        } catch (IOException closed) {
            // By close(), or with the server gone: then nobody comes through either.
        }
    }

    private void carry(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16 * 1024];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
        } catch (IOException cut) {
            // One end has gone; so does the other.
        } finally {
            ends.remove(from);
            ends.remove(to);
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException gone) {
            // It was closed already.
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        near.close();
        ends.forEach(Wire::reset);
    }
}
