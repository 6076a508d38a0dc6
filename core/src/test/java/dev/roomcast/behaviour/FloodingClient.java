package dev.roomcast.behaviour;

import dev.roomcast.Rooms;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Says very much at once, and not a moment later than it has been told that it is in. */
final class FloodingClient implements Transport {

    private final int messages;
    private final CompletableFuture<Inbound> inbound = new CompletableFuture<>();
    private final AtomicInteger acks = new AtomicInteger();
    private final List<String> closes = new CopyOnWriteArrayList<>();

    FloodingClient(int messages) {
        this.messages = messages;
    }

    void connect(Rooms rooms, Handshake handshake) {
        inbound.complete(rooms.accept(handshake, this));
    }

    int acks() {
        return acks.get();
    }

    List<String> closes() {
        return List.copyOf(closes);
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        for (TextFrame frame : batch.frames()) {
            String text = frame.text();
            if (text.startsWith("{\"type\":\"joined\"")) {
                flood();
            } else if (text.startsWith("{\"type\":\"ack\"")) {
                acks.incrementAndGet();
            }
        }
        completion.done(null);
    }

    private void flood() {
        Inbound way = inbound.join();
        for (int i = 0; i < messages; i++) {
            way.text("{\"id\":\"" + i + "\",\"content\":" + i + "}");
        }
    }

    @Override
    public void ping(Completion completion) {
        completion.done(null);
    }

    @Override
    public void close(int code, String reason) {
        if (code != 1001) {
            closes.add(code + " " + reason);
        }
        if (inbound.isDone()) {
            inbound.join().closed(code);
        }
    }

    @Override
    public void abort() {
        closes.add("cut");
    }
}
