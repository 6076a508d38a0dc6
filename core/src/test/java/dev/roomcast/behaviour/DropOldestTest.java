package dev.roomcast.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Overflow;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@link Overflow#DROP_OLDEST}: what was dropped is told where it is missing, to a client that knows the room by then. */
class DropOldestTest {

    private final ManualTime time = new ManualTime();
    private final Rooms rooms = Rooms.builder()
            .time(time)
            .rate(new Rate(1e9, Integer.MAX_VALUE))
            .limit(Limit.OUTBOX_BYTES, 1_000)
            .limit(Limit.CONTROL_BYTES, 1_000_000)
            .limit(Limit.PINGS_PER_SECOND, 1_000_000)
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .overflow(Overflow.DROP_OLDEST)
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    /** A write in flight, a join queued, the room overflows: gap, joined, m4 came, and clients ignore a gap of no room. */
    @Test
    void a_loss_behind_a_join_that_waits_is_told_behind_its_joined() {
        Checker client = new Checker(rooms);
        client.reads = false;
        client.says("{\"type\":\"ping\"}");
        client.says("{\"type\":\"join\",\"room\":\"a\"}");
        for (int i = 0; i < 40; i++) {
            rooms.room("a").broadcast("chat", "x".repeat(50));
        }
        client.readsAll();
        assertEquals(List.of(), client.faults);
        assertEquals(40, client.at.get("a"));
        assertEquals(1, client.gaps);
    }

    @Test
    void in_any_order_of_events_each_message_comes_or_is_told_as_missing() {
        int gaps = 0;
        for (int round = 0; round < 300; round++) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            Checker client = new Checker(rooms);
            String[] names = {"a" + round, "b" + round, "c" + round};
            long[] said = new long[names.length];
            for (int step = 0; step < 80; step++) {
                int which = random.nextInt(names.length);
                switch (random.nextInt(8)) {
                    case 0 -> client.says("{\"type\":\"join\",\"room\":\"" + names[which] + "\"}");
                    case 1 -> client.says("{\"type\":\"leave\",\"room\":\"" + names[which] + "\"}");
                    case 2 -> client.says("{\"type\":\"ping\"}");
                    case 3 -> client.readsOne();
                    case 4 -> client.reads = random.nextInt(4) == 0;
                    default -> {
                        for (int i = random.nextInt(8); i >= 0; i--) {
                            rooms.room(names[which]).broadcast("chat", "x".repeat(random.nextInt(200)));
                            said[which]++;
                        }
                    }
                }
            }
            client.readsAll();
            assertEquals(List.of(), client.faults, "seed " + seed);
            for (int i = 0; i < names.length; i++) {
                if (client.at.containsKey(names[i])) {
                    assertEquals(said[i], client.at.get(names[i]), "seed " + seed);
                }
            }
            gaps += client.gaps;
            client.inbound.closed(1000);
        }
        assertTrue(gaps > 100, "only " + gaps + " gaps");
    }

    /** Knows what a client that obeys the protocol knows, and finds whatever it could not explain. */
    private static final class Checker implements Transport {

        private final Inbound inbound;
        private final List<String> faults = new ArrayList<>();
        private final Map<String, Long> at = new HashMap<>();
        private final Set<String> known = new HashSet<>();
        private final List<Completion> held = new ArrayList<>();
        private boolean reads = true;
        private int gaps;

        Checker(Rooms rooms) {
            inbound = rooms.accept(Handshake.builder().parameter("user", "u").build(), this);
        }

        void says(String text) {
            inbound.text(text);
        }

        void readsOne() {
            if (!held.isEmpty()) {
                held.remove(0).done(null);
            }
        }

        void readsAll() {
            reads = true;
            while (!held.isEmpty()) {
                readsOne();
            }
        }

        @Override
        public void write(FrameBatch batch, Completion completion) {
            batch.frames().forEach(frame -> check(frame.text()));
            if (reads) {
                completion.done(null);
            } else {
                held.add(completion);
            }
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
                known.add(room);
                at.put(room, Long.parseLong(field(frame, "\"offset\":", ',')));
            } else if (frame.startsWith("{\"type\":\"left\"")) {
                known.remove(room);
                at.remove(room);
            } else if (frame.startsWith("{\"type\":\"error\"")) {
                if (!frame.contains("not_joined")) {
                    faults.add(frame);
                }
            } else if (!room.isEmpty() && !known.contains(room)) {
                faults.add("of a room it is not in: " + frame);
            } else if (frame.startsWith("{\"type\":\"gap\"")) {
                gaps++;
                long after = Long.parseLong(field(frame, "\"after\":", '}'));
                long upTo = Long.parseLong(field(frame, "\"offset\":", '}'));
                if (after > at.get(room) || upTo <= at.get(room)) {
                    faults.add("at " + at.get(room) + ": " + frame);
                }
                at.put(room, upTo);
            } else if (frame.startsWith("{\"type\":\"chat\"")) {
                long offset = Long.parseLong(field(frame, "\"offset\":", '}'));
                if (offset != at.get(room) + 1) {
                    faults.add(offset + " follows " + at.get(room) + " in " + room);
                }
                at.put(room, offset);
            }
        }

        private static String field(String frame, String name, char end) {
            int start = frame.lastIndexOf(name);
            return start < 0 ? "" : frame.substring(start + name.length(), frame.indexOf(end, start + name.length()));
        }
    }
}
