package dev.roomcast;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.bridge.RosterChange.Kind;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.LateBridge;
import dev.roomcast.testkit.ManualTime;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostEventsTest {

    private final Deque<Runnable> executor = new ArrayDeque<>();
    private final List<String> heard = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private @Nullable Throwable thrown;
    private boolean takesAllTheSame;
    private final Hub hub = new Hub(Rooms.builder()
            .time(new ManualTime())
            .limit(Limit.LISTENER_EVENTS, 3)
            .executor(task -> {
                if (thrown == null || takesAllTheSame) {
                    executor.add(task);
                }
                if (thrown != null) {
                    // The delivery tells more while the executor makes up its mind.
                    tell("a", Kind.UPDATED, "meanwhile");
                    throw Sneaky.raise(thrown);
                }
            })
            .limit(Limit.LISTENER_EVENTS_TOTAL, 5)
            .observer(new Observer() {
                @Override
                public void onLimit(Limit limit, @Nullable Connection connection) {
                    dropped.add(limit.name());
                }
            })
            .listener(new RoomListener() {
                @Override
                public void onJoin(Room room, Member member) {
                    heard.add(room.name() + " join " + member.userId());
                    if (member.userId().equals("bad")) {
                        throw new IllegalStateException("on purpose");
                    }
                }

                @Override
                public void onLeave(Room room, Member member, Cause cause) {
                    heard.add(room.name() + " leave " + member.userId() + " " + cause);
                }

                @Override
                public void onUpdate(Room room, Member member) {
                    heard.add(room.name() + " update " + member.userId());
                }
            }));

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void events_of_a_room_come_in_order_and_never_on_the_thread_that_tells() {
        tell("a", Kind.JOINED, "one");
        tell("a", Kind.UPDATED, "one");
        tell("a", Kind.LEFT, "one");
        assertEquals(List.of(), heard);
        runAll();
        assertEquals(List.of("a join one", "a update one", "a leave one LEAVE"), heard);
    }

    @Test
    void each_room_has_one_task_at_a_time_and_rooms_do_not_wait_for_each_other() {
        tell("a", Kind.JOINED, "one");
        tell("a", Kind.JOINED, "two");
        tell("b", Kind.JOINED, "one");
        assertEquals(2, executor.size());
        executor.removeLast().run();
        assertEquals(List.of("b join one"), heard);
        tell("b", Kind.JOINED, "two");
        assertEquals(2, executor.size());
    }

    @Test
    void beyond_the_limit_events_are_dropped_and_counted() {
        for (String user : new String[] {"1", "2", "3", "4", "5"}) {
            tell("a", Kind.JOINED, user);
        }
        tell("b", Kind.JOINED, "1");
        assertEquals(2, hub.stats().hits(Limit.LISTENER_EVENTS));
        runAll();
        assertEquals(List.of("a join 1", "a join 2", "a join 3", "b join 1"), heard);
        tell("a", Kind.JOINED, "6");
        runAll();
        assertTrue(heard.contains("a join 6"));
    }

    @Test
    void a_listener_that_throws_is_called_for_the_next_event() {
        tell("a", Kind.JOINED, "bad");
        tell("a", Kind.JOINED, "good");
        runAll();
        assertEquals(List.of("a join bad", "a join good"), heard);
    }

    /** One that threw anything but a rejection kept the room's queue, and nobody ran it ever again. */
    @ParameterizedTest
    @ValueSource(
            classes = {RejectedExecutionException.class, IllegalStateException.class, IOException.class, Error.class})
    void an_executor_that_throws_costs_what_waits_and_no_more(Class<? extends Throwable> type) throws Exception {
        for (boolean takes : new boolean[] {false, true}) {
            dropped.clear();
            heard.clear();
            takesAllTheSame = takes;
            thrown = type.getConstructor().newInstance();
            tell("a", Kind.JOINED, "one");
            assertEquals(List.of("LISTENER_EVENTS", "LISTENER_EVENTS"), dropped);
            thrown = null;
            tell("a", Kind.JOINED, "two");
            runAll();
            tell("a", Kind.JOINED, "three");
            runAll();
            assertEquals(List.of("a join two", "a join three"), heard);
        }
        assertEquals(4, hub.stats().hits(Limit.LISTENER_EVENTS));
    }

    /** One client that went through many rooms could fill the memory with events of each. */
    @Test
    void all_rooms_together_are_bounded_and_what_is_dropped_is_counted_and_observed() {
        for (int i = 0; i < 8; i++) {
            tell("room " + i, Kind.JOINED, "one");
        }
        assertEquals(3, hub.stats().hits(Limit.LISTENER_EVENTS_TOTAL));
        assertEquals(3, dropped.size());
        runAll();
        assertEquals(5, heard.size());
        for (int i = 0; i < 5; i++) {
            tell("room " + i, Kind.LEFT, "one");
        }
        runAll();
        assertEquals(10, heard.size());
        assertEquals(3, hub.stats().hits(Limit.LISTENER_EVENTS_TOTAL));
    }

    /** An observer, which is foreign code, was called under a map entry: one that came back to it never returned. */
    @Test
    void an_observer_of_a_dropped_event_may_cause_the_next_one() {
        AtomicReference<@Nullable Hub> known = new AtomicReference<>();
        AtomicInteger told = new AtomicInteger();
        Hub other = new Hub(Rooms.builder()
                .time(new ManualTime())
                .limit(Limit.LISTENER_EVENTS, 1)
                .executor(executor::add)
                .observer(new Observer() {
                    @Override
                    public void onLimit(Limit limit, @Nullable Connection connection) {
                        Hub its = known.get();
                        if (its != null && told.incrementAndGet() < 5) {
                            its.events.tell(change("a", Kind.JOINED, "more"));
                        }
                    }
                }));
        known.set(other);
        other.events.tell(change("a", Kind.JOINED, "one"));
        other.events.tell(change("a", Kind.JOINED, "two"));
        assertEquals(5, other.stats().hits(Limit.LISTENER_EVENTS));
        other.close();
    }

    /** Two rooms whose listener blocked took both workers of the hub: nobody came in anywhere any more. */
    @Test
    void a_listener_that_blocks_does_not_block_the_hub() {
        CountDownLatch forEver = new CountDownLatch(1);
        int many = Runtime.getRuntime().availableProcessors() + 2;
        try (Rooms rooms = Rooms.builder()
                .bridge(new LateBridge(Bridge.local()))
                .listener(new RoomListener() {
                    @Override
                    public void onJoin(Room room, Member member) {
                        waitFor(forEver);
                    }
                })
                .build()) {
            for (int i = 0; i < many; i++) {
                FakeClient.connect(rooms, "one", "blocked " + i).last("joined");
            }
            FakeClient other = FakeClient.connect(rooms, "two", "lobby");
            other.last("joined");
            other.says("hello");
            assertThat(other).received("hello");
            forEver.countDown();
        }
    }

    /** So did two handlers that blocked, behind a join that had to wait. */
    @Test
    void a_handler_that_blocks_does_not_block_the_hub() {
        CountDownLatch forEver = new CountDownLatch(1);
        int many = Runtime.getRuntime().availableProcessors() + 2;
        HeldBridge bridge = new HeldBridge();
        try (Rooms rooms = Rooms.builder()
                .bridge(bridge)
                .handler((sender, room, message, delivery) -> {
                    if (room.name().startsWith("blocked")) {
                        waitFor(forEver);
                    }
                    delivery.broadcast(message);
                })
                .build()) {
            bridge.hold();
            for (int i = 0; i < many; i++) {
                FakeClient.connect(rooms, "one", "blocked " + i).says("hello");
            }
            bridge.letGo();
            bridge.hold();
            FakeClient other = FakeClient.connect(rooms, "two", "lobby");
            bridge.letGo();
            other.last("joined");
            other.says("hello");
            assertThat(other).received("hello");
            forEver.countDown();
        }
    }

    @Test
    void many_rooms_told_by_many_threads_hear_each_event_once_and_in_order() throws Exception {
        int rooms = 4;
        int each = 5_000;
        Map<String, List<Long>> seen = new ConcurrentHashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(rooms + 2);
        Hub busy = new Hub(Rooms.builder()
                .time(new ManualTime())
                .limit(Limit.LISTENER_EVENTS, each)
                .executor(threads)
                .listener(new RoomListener() {
                    @Override
                    public void onJoin(Room room, Member member) {
                        seen.computeIfAbsent(room.name(), name -> Collections.synchronizedList(new ArrayList<>()))
                                .add(Long.parseLong(member.userId()));
                    }
                }));
        try {
            List<Future<?>> tellers = new ArrayList<>();
            for (int r = 0; r < rooms; r++) {
                String room = "room " + r;
                tellers.add(threads.submit(() -> {
                    for (int i = 0; i < each; i++) {
                        busy.events.tell(change(room, Kind.JOINED, Integer.toString(i)));
                    }
                }));
            }
            for (Future<?> teller : tellers) {
                teller.get();
            }
            List<Long> all = LongStream.range(0, each).boxed().toList();
            for (int r = 0; r < rooms; r++) {
                String room = "room " + r;
                await().until(() -> seen.getOrDefault(room, List.of()).size() == each);
                assertEquals(all, seen.get(room));
            }
        } finally {
            busy.close();
            threads.shutdownNow();
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            assertTrue(latch.await(1, TimeUnit.MINUTES));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(String room, Kind kind, String user) {
        hub.events.tell(change(room, kind, user));
    }

    private static RosterChange change(String room, Kind kind, String user) {
        Cause cause = kind == Kind.LEFT ? Cause.LEAVE : Cause.NONE;
        return new RosterChange(room, 1, kind, new Member(user, 1, null), cause, 0);
    }

    private void runAll() {
        for (Runnable task = executor.poll(); task != null; task = executor.poll()) {
            task.run();
        }
    }
}
