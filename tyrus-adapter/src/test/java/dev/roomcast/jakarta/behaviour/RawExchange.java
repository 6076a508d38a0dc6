package dev.roomcast.jakarta.behaviour;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** A connection that sends what it has, ends its side, and reads until the server has ended the other. */
final class RawExchange {

    private static final int DEADLINE_MILLIS = 10_000;
    private static final int LARGEST = 4 << 20;

    private RawExchange() {}

    /**
     * All that the server has said.
     *
     * @param pieces each is sent when the one before has been answered by something that ends with an empty line
     * @throws AssertionError if the server does not end the connection in time
     */
    static byte[] of(int port, byte[]... pieces) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(DEADLINE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), DEADLINE_MILLIS);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                for (int i = 0; i < pieces.length - 1; i++) {
                    socket.getOutputStream().write(pieces[i]);
                    readHead(socket.getInputStream(), answer);
                }
                socket.getOutputStream().write(pieces[pieces.length - 1]);
                socket.shutdownOutput();
                readAll(socket.getInputStream(), answer);
            } catch (SocketTimeoutException late) {
                throw new AssertionError("the server has not ended the connection; it said " + answer, late);
            } catch (IOException reset) {
                // The server closed before it had read all.
            }
            return answer.toByteArray();
        }
    }

    private static void readHead(InputStream in, ByteArrayOutputStream answer) throws IOException {
        int end = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            answer.write(next);
            end = end << 8 | next;
            if (end == 0x0d0a0d0a) {
                return;
            }
        }
    }

    private static void readAll(InputStream in, ByteArrayOutputStream answer) throws IOException {
        byte[] buffer = new byte[8192];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            answer.write(buffer, 0, count);
            if (answer.size() > LARGEST) {
                throw new AssertionError("the server says more than " + LARGEST + " bytes");
            }
        }
    }
}
