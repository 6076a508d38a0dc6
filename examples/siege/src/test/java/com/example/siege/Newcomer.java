package com.example.siege;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A new client that loads the browser client's file, joins a room, hears what the one before it said there, though that one has
 * gone, and then its own message, all within one deadline.
 */
final class Newcomer {

    /** Where newcomers are in the order of their room. */
    private record Place(String epoch, String offset, String name) {}

    /** The newcomers to one server, one after the other. */
    static final class Line {

        private final InetSocketAddress server;
        private @Nullable Place last;
        private int count;

        Line(InetSocketAddress server) {
            this.server = server;
        }

        /** Sends the next one. Null if all went well; otherwise what did not. */
        @Nullable
        String next(long seconds) {
            Newcomer newcomer = new Newcomer(server, seconds, last);
            String fault = newcomer.faultOf("newcomer" + count++, seconds);
            last = newcomer.place;
            return fault;
        }
    }

    private static final int LARGEST = 1 << 20;
    private static final Pattern JOINED =
            Pattern.compile("\\{\"type\":\"joined\"[^\n]*\"epoch\":\"([^\"]+)\",\"offset\":(\\d+)");

    private final InetSocketAddress server;
    private final long deadline;

    /** What was read last. */
    private byte[] end = {};

    /** Of the one before, then of this one. */
    private @Nullable Place place;

    private Newcomer(InetSocketAddress server, long seconds, @Nullable Place before) {
        this.server = server;
        this.deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        this.place = before;
    }

    private @Nullable String faultOf(String name, long seconds) {
        String step = "load /roomcast/roomcast.js";
        try {
            load();
            step = "join a room, hear what was said, and talk";
            talk(name);
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
            Place before = place;
            write(socket, MemberScript.handshake("", false));
            readUntil(socket, "\r\n\r\n");
            write(socket, MemberScript.login(name));
            write(
                    socket,
                    Frames.text("{\"type\":\"join\",\"room\":\"newcomers\""
                            + (before == null
                                    ? "}"
                                    : ",\"epoch\":\"" + before.epoch + "\",\"offset\":" + before.offset + "}")));
            String joined = readUntil(socket, before == null ? "\"joined\"" : said(before.name));
            Matcher where = JOINED.matcher(joined);
            if (!where.find()) {
                throw new IOException("there is no position in " + joined);
            }
            write(socket, Frames.text("{\"room\":\"newcomers\"," + said(name) + "}"));
            readUntil(socket, said(name));
            place = new Place(where.group(1), where.group(2), name);
            write(socket, Frames.frame(Frames.FIN | Frames.CLOSE, new byte[] {3, (byte) 0xe8}));
        }
    }

    private static String said(String name) {
        return "\"content\":\"" + name + " is here\"";
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
    private String readUntil(Socket socket, @Nullable String awaited) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        while (read.size() < LARGEST) {
            socket.setSoTimeout(left());
            int count = in.read(buffer);
            if (count < 0 && awaited != null) {
                throw new IOException("the connection ended before " + awaited + ", after " + end(end));
            }
            if (count > 0) {
                read.write(buffer, 0, count);
                end = Arrays.copyOf(buffer, count);
            }
            String text = read.toString(StandardCharsets.ISO_8859_1);
            if (count < 0 || (awaited != null && text.contains(awaited))) {
                return text;
            }
        }
        throw new IOException("the answer has more than " + LARGEST + " bytes");
    }

    /** The last bytes, among which the code of a close is: 88 02 and then two bytes, 0fa8 for 4008. */
    private static String end(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, Math.max(0, bytes.length - 16), bytes.length);
    }

    private int left() throws IOException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
            throw new SocketTimeoutException("the time is over");
        }
        return (int) millis;
    }
}
