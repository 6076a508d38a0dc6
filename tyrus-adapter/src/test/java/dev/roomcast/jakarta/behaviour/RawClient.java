package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A client that keeps to no rule: it sends the bytes it is told to, and reads, or does not, as it is told to. */
public final class RawClient implements AutoCloseable {

    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xA;
    public static final int FIN = 0x80;

    private static final int DEADLINE_MILLIS = 15_000;
    private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

    /** One frame of the server. */
    public static final class Frame {

        private final int opcode;
        private final byte[] payload;

        Frame(int opcode, byte[] payload) {
            this.opcode = opcode;
            this.payload = payload;
        }

        public int opcode() {
            return opcode;
        }

        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        public int closeCode() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;

    private RawClient(int port, int receiveBuffer) {
        try {
            socket.setReceiveBufferSize(receiveBuffer);
            socket.setSoTimeout(DEADLINE_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            in = new DataInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Connects, and says nothing yet. */
    public static RawClient dial(int port) {
        return new RawClient(port, 64 * 1024);
    }

    /** Connects with as little room for what comes as the system allows. */
    public static RawClient dialNarrow(int port) {
        return new RawClient(port, 1024);
    }

    /** Connects and is upgraded. */
    public static RawClient connect(int port, String query) {
        return dial(port).upgrade(query);
    }

    public RawClient upgrade(String query) {
        String answer = request("GET /rooms?" + query + " HTTP/1.1");
        assertEquals("HTTP/1.1 101", answer.substring(0, 12), answer);
        return this;
    }

    /** Sends a handshake with this request line and these headers besides, and returns the head of the answer. */
    public String request(String line, String... headers) {
        StringBuilder head = new StringBuilder(line)
                .append("\r\nHost: 127.0.0.1:" + socket.getPort())
                .append("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13")
                .append("\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
        for (String header : headers) {
            head.append("\r\n").append(header);
        }
        return exchange(head.append("\r\n\r\n").toString());
    }

    /** Sends text as it is, and returns the head of the answer. */
    public String exchange(String text) {
        sendBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        try {
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("no answer but " + head);
                }
                head.append((char) next);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return head.toString();
    }

    public RawClient sendText(String text) {
        return send(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a frame, masked. */
    public RawClient send(int firstByte, byte[] payload) {
        return sendBytes(frame(firstByte, payload));
    }

    public RawClient sendBytes(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    /** Sends a text in so many frames. */
    public RawClient sendInFragments(String text, int fragments) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < fragments; i++) {
            int from = (int) ((long) bytes.length * i / fragments);
            int to = (int) ((long) bytes.length * (i + 1) / fragments);
            int first = (i == 0 ? TEXT : CONTINUATION) | (i == fragments - 1 ? FIN : 0);
            send(first, Arrays.copyOfRange(bytes, from, to));
        }
        return this;
    }

    /** The bytes of a masked frame. */
    public static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(header(firstByte, payload.length));
        frame.writeBytes(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ MASK[i % 4]);
        }
        return frame.toByteArray();
    }

    /** The bytes of a masked frame's header that claims a length. */
    public static byte[] header(int firstByte, long length) {
        ByteBuffer header = ByteBuffer.allocate(10).put((byte) firstByte);
        if (length >= 0 && length < 126) {
            header.put((byte) (0x80 | length));
        } else if (length >= 0 && length < 65536) {
            header.put((byte) (0x80 | 126)).putShort((short) length);
        } else {
            header.put((byte) (0x80 | 127)).putLong(length);
        }
        return Arrays.copyOf(header.array(), header.position());
    }

    /** The next frame of the server. */
    public Frame next() {
        return next(deadline());
    }

    private Frame next(long deadline) {
        if (System.nanoTime() - deadline > 0) {
            throw new AssertionError("what was waited for did not come within " + DEADLINE_MILLIS + " ms");
        }
        try {
            int opcode = in.readUnsignedByte() & 0x0f;
            int length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(in.readLong());
            }
            return new Frame(opcode, in.readNBytes(length));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Reads on until a text frame contains this; answers pings on the way. */
    public String nextContaining(String part) {
        long deadline = deadline();
        Frame frame = next(deadline);
        while (frame.opcode != TEXT || !frame.text().contains(part)) {
            if (frame.opcode == CLOSE) {
                throw new AssertionError("closed with " + frame.closeCode() + " before " + part);
            }
            if (frame.opcode == PING) {
                send(FIN | PONG, frame.payload);
            }
            frame = next(deadline);
        }
        return frame.text();
    }

    /** Reads on until the server closes, and says with which code; 1006 if it did without a close frame. */
    public int expectClose() {
        long deadline = deadline();
        try {
            while (true) {
                Frame frame = next(deadline);
                if (frame.opcode == CLOSE) {
                    return frame.closeCode();
                }
            }
        } catch (AssertionError end) {
            if (end.getCause() instanceof IOException) {
                return 1006;
            }
            throw end;
        }
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MILLIS);
    }

    /** Goes as if the machine had lost power and come up again: with a reset. Nothing is left to do if it is closed. */
    public void vanish() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            if (!socket.isClosed()) {
                throw new AssertionError(e);
            }
        }
    }

    /** True once the server has closed or cut the socket, read or not. */
    public boolean isCut() {
        try {
            out.write(frame(FIN | PONG, new byte[0]));
            return false;
        } catch (IOException cut) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
