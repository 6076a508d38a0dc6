package com.example.siege;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Eight healthy clients in three rooms, every other one with {@code roomcast.v1}. */
final class HealthyGroup implements AutoCloseable {

    private static final int SIZE = 8;
    private static final int ROOMS = 3;
    private static final long PATIENCE_SECONDS = 10;

    private final Checker checker = new Checker(TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
    private final List<HealthyMember> members = new ArrayList<>();
    private final Loop loop;

    HealthyGroup(InetSocketAddress server) throws IOException, InterruptedException {
        Map<String, Set<String>> rooms = new HashMap<>();
        for (int i = 0; i < SIZE; i++) {
            rooms.computeIfAbsent(roomOf(i), room -> new HashSet<>()).add("h" + i);
        }
        CountDownLatch everyoneIsIn = new CountDownLatch(SIZE);
        loop = new Loop("healthy", server);
        for (int i = 0; i < SIZE; i++) {
            HealthyMember member = new HealthyMember(
                    "h" + i, roomOf(i), i / ROOMS % 2 == 0, rooms.get(roomOf(i)), checker, everyoneIsIn);
            members.add(member);
            loop.execute(() -> loop.open("127.0.0.1", member));
        }
        if (!everyoneIsIn.await(30, TimeUnit.SECONDS)) {
            loop.close();
            throw new IOException("the healthy clients did not get in");
        }
        members.forEach(member -> member.talk(true));
    }

    private static String roomOf(int i) {
        return "healthy-" + i % ROOMS;
    }

    long arrivals() {
        return checker.arrivals();
    }

    long takeLongest() {
        return checker.takeLongest();
    }

    /** Stops talking, waits until all has arrived, and talks on. Returns the faults since the last call. */
    List<String> settle() throws InterruptedException {
        members.forEach(member -> member.talk(false));
        Waits.until(PATIENCE_SECONDS, checker::isSettled);
        List<String> faults = checker.takeFaults();
        members.forEach(member -> member.talk(true));
        return faults;
    }

    /** Says nothing more, so that to be sent away is no fault. */
    void leave() {
        members.forEach(member -> member.talk(false));
    }

    @Override
    public void close() {
        leave();
        loop.close();
    }
}
