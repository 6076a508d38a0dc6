package dev.roomcast.redis;

import dev.roomcast.Rooms;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.util.Queue;

/**
 * One life of a client in one room, lean enough to exist ten thousand times. It checks what it gets while it gets it: after
 * {@code joined}, or behind the place to which it came back, come n+1, n+2, n+3 … of one epoch and nothing else.
 */
final class ReturningMember implements Transport {

    private final String user;
    private final String room;
    private final Queue<String> faults;
    private volatile Inbound inbound;
    private volatile boolean gone;

    // Written by one write after the other.
    private volatile boolean joined;
    private volatile String epoch;
    private volatile long offset;

    private ReturningMember(String user, String room, String epoch, long offset, Queue<String> faults) {
        this.user = user;
        this.room = room;
        this.epoch = epoch;
        this.offset = offset;
        this.faults = faults;
    }

    static ReturningMember connect(Rooms rooms, String user, String room, Queue<String> faults) {
        ReturningMember member = new ReturningMember(user, room, "", -1, faults);
        Handshake handshake = Handshake.builder()
                .parameter("user", user)
                .parameter("room", room)
                .build();
        member.inbound = rooms.accept(handshake, member);
        return member;
    }

    /** The next life, on another instance or not, to where this one has ended. */
    ReturningMember comesBackTo(Rooms rooms) {
        ReturningMember member = new ReturningMember(user, room, epoch, offset, faults);
        Handshake handshake = Handshake.builder()
                .parameter("user", user)
                .parameter("room", room)
                .parameter("epoch", epoch)
                .parameter("offset", Long.toString(offset))
                .build();
        member.inbound = rooms.accept(handshake, member);
        return member;
    }

    /** Is cut off; what was on its way did not arrive. */
    void vanishes() {
        gone = true;
        inbound.closed(1006);
    }

    String room() {
        return room;
    }

    boolean isIn() {
        return joined;
    }

    /** Of the last message that it got. */
    long offset() {
        return offset;
    }

    @Override
    public void write(FrameBatch batch, Completion completion) {
        if (!gone) {
            batch.frames().forEach(frame -> frame.text().lines().forEach(this::check));
        }
        completion.done(null);
    }

    @Override
    public void ping(Completion completion) {
        completion.done(null);
    }

    @Override
    public void close(int code, String reason) {
        if (code != 1001) {
            faults.add(user + " was closed: " + code + " " + reason);
        }
        inbound.closed(code);
    }

    @Override
    public void abort() {
        faults.add(user + " was cut");
    }

    private void check(String frame) {
        if (frame.startsWith("{\"type\":\"joined\"")) {
            if (!epoch.isEmpty() && !frame.contains("\"recovered\":true")) {
                faults.add(user + " was not recovered: " + frame);
            }
            if (epoch.isEmpty()) {
                epoch = field(frame, "\"epoch\":\"", '"');
                offset = Long.parseLong(field(frame, "\"offset\":", ','));
            }
            joined = true;
        } else if (frame.startsWith("{\"type\":\"chat\"")) {
            long next = Long.parseLong(field(frame, "\"offset\":", '}'));
            if (!joined || next != offset + 1 || !epoch.equals(field(frame, "\"epoch\":\"", '"'))) {
                faults.add(user + " was at " + epoch + " " + offset + " and got " + frame);
            }
            offset = next;
        } else if (frame.startsWith("{\"type\":\"error\"") || frame.startsWith("{\"type\":\"gap\"")) {
            faults.add(user + " was told " + frame);
        }
    }

    private static String field(String frame, String name, char end) {
        int start = frame.lastIndexOf(name);
        return start < 0 ? "" : frame.substring(start + name.length(), frame.indexOf(end, start + name.length()));
    }
}
