package dev.roomcast.behaviour;

import dev.roomcast.Rooms;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client that checks what it gets while it gets it, lean enough to exist ten thousand times: per room, after
 * {@code joined} at offset n come n+1, n+2, n+3 … and nothing else; nothing of a room comes before its {@code joined} or
 * after its {@code left}; and never are two writes in flight.
 */
final class StrictMember implements Transport {

    private final Executor completer;
    private final Queue<String> faults;
    private final Map<String, Long> at = new ConcurrentHashMap<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong messages = new AtomicLong();
    private volatile Inbound inbound;
    private volatile boolean gone;
    private volatile String epoch = "";

    private StrictMember(Executor completer, Queue<String> faults) {
        this.completer = completer;
        this.faults = faults;
    }

    static StrictMember connect(
            Rooms rooms, String user, String room, Executor completer, ConcurrentLinkedQueue<String> faults) {
        StrictMember member = new StrictMember(completer, faults);
        Handshake.Builder handshake = Handshake.builder().parameter("user", user);
        if (!room.isEmpty()) {
            handshake.parameter("room", room);
        }
        member.inbound = rooms.accept(handshake.build(), member);
        return member;
    }

    /** Comes back as one that was lost, to the room and the place where that one stood. */
    static StrictMember comesBack(Rooms rooms, StrictMember before, String user, String room) {
        StrictMember member = new StrictMember(before.completer, before.faults);
        member.epoch = before.epoch;
        member.at.put(room, before.offset(room));
        Handshake.Builder handshake = Handshake.builder()
                .parameter("user", user)
                .parameter("room", room)
                .parameter("epoch", before.epoch)
                .parameter("offset", Long.toString(before.offset(room)));
        member.inbound = rooms.accept(handshake.build(), member);
        return member;
    }

    void sends(String text) {
        inbound.text(text);
    }

    /** What was on its way to it is no fault any more. */
    void closes() {
        gone = true;
        inbound.closed(1000);
    }

    /** Is cut off; what was on its way did not arrive. */
    void vanishes() {
        gone = true;
        inbound.closed(1006);
    }

    /** Room messages that came, all rooms together. */
    long messages() {
        return messages.get();
    }

    /** Where it stands in a room; -1 if it is not in it. */
    long offset(String room) {
        return at.getOrDefault(room, -1L);
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        if (inFlight.incrementAndGet() != 1) {
            faults.add("two writes in flight");
        }
        if (!gone) {
            batch.frames().forEach(frame -> check(frame.text()));
        }
        completer.execute(() -> {
            inFlight.decrementAndGet();
            completion.done(null);
        });
    }

    @Override
    public void ping(Completion completion) {
        completion.done(null);
    }

    @Override
    public void close(int code, String reason) {
        if (code != 1001) {
            faults.add("closed: " + code + " " + reason);
        }
        inbound.closed(code);
    }

    @Override
    public void abort() {
        faults.add("cut");
    }

    private void check(String frame) {
        String room = field(frame, "\"room\":\"", '"');
        if (frame.startsWith("{\"type\":\"joined\"")) {
            epoch = field(frame, "\"epoch\":\"", '"');
            if (frame.contains("\"recovering\":true,\"recovered\":false")) {
                faults.add("not recovered: " + frame);
            } else if (frame.contains("\"recovered\":false")) {
                at.put(room, Long.parseLong(field(frame, "\"offset\":", ',')));
            }
        } else if (frame.startsWith("{\"type\":\"left\"")) {
            at.remove(room);
        } else if (frame.startsWith("{\"type\":\"chat\"")) {
            long offset = Long.parseLong(field(frame, "\"offset\":", '}'));
            Long before = at.put(room, offset);
            if (before == null) {
                faults.add("a message of a room it is not in: " + frame);
            } else if (offset != before + 1) {
                faults.add(offset + " follows " + before + " in " + room);
            }
            messages.incrementAndGet();
        } else if (frame.startsWith("{\"type\":\"error\"")) {
            faults.add(frame);
        } else if (!room.isEmpty() && !at.containsKey(room)) {
            faults.add("a frame of a room it is not in: " + frame);
        }
    }

    private static String field(String frame, String name, char end) {
        int start = frame.lastIndexOf(name);
        return start < 0 ? "" : frame.substring(start + name.length(), frame.indexOf(end, start + name.length()));
    }
}
