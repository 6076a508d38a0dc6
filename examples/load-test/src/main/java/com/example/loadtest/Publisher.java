package com.example.loadtest;

import java.util.Arrays;

/** Sends numbered messages through one connection. Belongs to the thread of its loop. */
final class Publisher implements OpenLoop.Sender {

    private static final byte[] HEAD = Stamp.ascii("{\"content\":\"");
    private static final byte[] TAIL = Stamp.ascii("\"}");

    /** What a server adds to the content, with a user and a room of no characters. */
    private static final int ADDED = ("{\"type\":\"chat\",\"userId\":\"\",\"content\":\"\",\"timestamp\":1767225600000,"
                    + "\"room\":\"\",\"epoch\":\"0123456789abcdef\",\"offset\":12345}")
            .length();

    private final int id;
    private final Client client;
    private final int contentBytes;
    private byte[] message = {};
    private long sent;
    private boolean closedLoop;

    /** Its messages have about so many bytes when they are delivered; the stamp alone makes them larger than some. */
    Publisher(int id, Client client, int bytes) {
        this.id = id;
        this.client = client;
        this.contentBytes =
                bytes - ADDED - client.user().length() - client.room().length();
    }

    int id() {
        return id;
    }

    /** How many messages it has sent so far, which is also the number of the last. */
    long sent() {
        return sent;
    }

    /** A closed loop: so many messages are on the way from now on, and each that comes back sends the next. */
    void keepInFlight(int messages, long now) {
        closedLoop = true;
        for (int i = 0; i < messages; i++) {
            publish(now);
        }
        client.flush();
    }

    void stop() {
        closedLoop = false;
    }

    /** One of its own messages has come back. */
    void cameBack(long now) {
        if (closedLoop) {
            publish(now);
        }
    }

    @Override
    public void send(long intended) {
        publish(intended);
        client.flush();
    }

    @Override
    public int backlog() {
        return client.backlog();
    }

    /** Puts the next message behind those that wait; whoever calls this flushes. */
    private void publish(long intended) {
        byte[] stamp = Stamp.ascii(Stamp.content(id, ++sent, intended));
        int content = Math.max(stamp.length, contentBytes);
        int length = HEAD.length + content + TAIL.length;
        if (message.length < length) {
            message = Arrays.copyOf(HEAD, length);
            Arrays.fill(message, HEAD.length, length, (byte) 'x');
        }
        // The padding is what is behind the stamp, from the last time or from the beginning.
        System.arraycopy(stamp, 0, message, HEAD.length, stamp.length);
        System.arraycopy(TAIL, 0, message, length - TAIL.length, TAIL.length);
        client.send(Outgoing.TEXT, message, 0, length);
    }
}
