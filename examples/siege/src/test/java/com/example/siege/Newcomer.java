package com.example.siege;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A new client that loads the browser client's file, joins a room, and hears its own message, all within one deadline. */
final class Newcomer {

    private static final int LARGEST = 1 << 20;

    private final InetSocketAddress server;
    private final long deadline;

    private Newcomer(InetSocketAddress server, long seconds) {
        this.server = server;
        this.deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Null if all went well; otherwise what did not. */
    static String faultOf(InetSocketAddress server, String name, long seconds) {
        Newcomer newcomer = new Newcomer(server, seconds);
        String step = "load /roomcast/roomcast.js";
        try {
            newcomer.load();
            step = "join a room and talk";
            newcomer.talk(name);
            return null;
        } catch (IOException e) {
            return "a newcomer could not " + step + " within " + seconds + " s: " + e;
        }
    }

    private void load() throws IOException {
        try (Socket socket = open()) {
            write(
                    socket,
                    "GET /roomcast/roomcast.js HTTP/1.1\r\nHost: siege.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = readUntil(socket, null);
            if (!answer.startsWith("HTTP/1.1 200 ") || answer.length() < 4096) {
                throw new IOException(
                        "the answer was " + answer.lines().findFirst().orElse("empty"));
            }
        }
    }

    private void talk(String name) throws IOException {
        try (Socket socket = open()) {
            write(socket, MemberScript.handshake("room=newcomers", false));
            readUntil(socket, "\r\n\r\n");
            write(socket, MemberScript.login(name));
            readUntil(socket, "\"type\":\"joined\"");
            write(socket, Frames.text("{\"content\":\"" + name + " is here\"}"));
            readUntil(socket, "\"content\":\"" + name + " is here\"");
            write(socket, Frames.frame(Frames.FIN | Frames.CLOSE, new byte[] {3, (byte) 0xe8}));
        }
    }

    private Socket open() throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(server, left());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void write(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Reads until a text has come; with null to the end of the stream. */
    private String readUntil(Socket socket, String awaited) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        while (read.size() < LARGEST) {
            socket.setSoTimeout(left());
            int count = in.read(buffer);
            if (count < 0 && awaited != null) {
                throw new IOException("the connection ended before " + awaited);
            }
            if (count > 0) {
                read.write(buffer, 0, count);
            }
            String text = read.toString(StandardCharsets.ISO_8859_1);
            if (count < 0 || (awaited != null && text.contains(awaited))) {
                return text;
            }
        }
        throw new IOException("the answer has more than " + LARGEST + " bytes");
    }

    private int left() throws IOException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
            throw new SocketTimeoutException("the time is over");
        }
        return (int) millis;
    }
}
