package com.example.siege;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client that says four numbered messages a second, wants each second one acknowledged, and reports what it sees. */
final class HealthyMember extends MemberScript {

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(250);
    private static final Pattern CHAT = Pattern.compile("\"content\":\"(h\\d+) (\\d+)\"");
    private static final Pattern ACK = Pattern.compile("\"id\":\"h\\d+-(\\d+)\"");

    private final String name;
    private final Set<String> roommates;
    private final Checker checker;
    private final CountDownLatch everyoneIsIn;
    private volatile boolean talks;
    private int number;
    private long nextAt;

    /**
     * A member of a room.
     *
     * @param roommates all members of the room, this one too
     * @param everyoneIsIn counted down when this one is in the room
     */
    HealthyMember(
            String name,
            String room,
            boolean isV1,
            Set<String> roommates,
            Checker checker,
            CountDownLatch everyoneIsIn) {
        super(name, room, isV1);
        this.name = name;
        this.roommates = roommates;
        this.checker = checker;
        this.everyoneIsIn = everyoneIsIn;
    }

    void talk(boolean yes) {
        talks = yes;
    }

    @Override
    boolean wantsLines() {
        return true;
    }

    @Override
    void joined(Peer peer) {
        everyoneIsIn.countDown();
    }

    @Override
    void tick(Peer peer, long now) {
        if (!talks || !isIn() || now - nextAt < 0) {
            return;
        }
        nextAt = now + PAUSE;
        number++;
        boolean wantsAck = number % 2 == 0;
        checker.sent(name, roommates, number, wantsAck, now);
        peer.write(Frames.text("{\"content\":\"" + name + " " + number + "\""
                + (wantsAck ? ",\"id\":\"" + name + "-" + number + "\"" : "") + "}"));
    }

    @Override
    void line(Peer peer, String line) {
        long now = System.nanoTime();
        if (line.startsWith("{\"type\":\"chat\"")) {
            Matcher chat = CHAT.matcher(line);
            if (chat.find()) {
                checker.arrived(chat.group(1), name, Integer.parseInt(chat.group(2)), now);
            }
        } else if (line.startsWith("{\"type\":\"ack\"")) {
            Matcher ack = ACK.matcher(line);
            if (ack.find()) {
                checker.acknowledged(name, Integer.parseInt(ack.group(1)), now);
            }
        } else if (line.startsWith("{\"type\":\"error\"") || line.startsWith("{\"type\":\"gap\"")) {
            checker.fault(name + " was told " + line);
        }
    }

    @Override
    void closed(Peer peer, String why) {
        if (talks) {
            checker.fault(name + " lost its connection: " + why);
        }
    }
}
