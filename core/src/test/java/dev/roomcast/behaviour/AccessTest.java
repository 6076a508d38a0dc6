package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.Sneaky;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Refusal;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who may be where, say what, how much, and how often. */
class AccessTest {

    private final Set<String> banned = ConcurrentHashMap.newKeySet();
    private final Set<String> mute = ConcurrentHashMap.newKeySet();
    private final AtomicInteger asked = new AtomicInteger();
    private final Access access = new Access() {
        @Override
        public CompletionStage<Boolean> mayJoin(Identity who, String room) {
            if (room.equals("broken")) {
                throw new IllegalStateException("on purpose");
            }
            if (room.equals("sneaky")) {
                throw Sneaky.raise(new IOException("on purpose"));
            }
            if (room.equals("no stage")) {
                return noStage();
            }
            return CompletableFuture.completedFuture(!room.equals("secret") && !banned.contains(who.userId()));
        }

        @Override
        public CompletionStage<Boolean> mayPublish(Identity who, String room, String type) {
            asked.incrementAndGet();
            return CompletableFuture.completedFuture(
                    !type.equals("admin") && !banned.contains(who.userId()) && !mute.contains(who.userId()));
        }
    };

    @Test
    void a_room_that_one_may_not_join_shows_nothing_not_even_whether_it_exists() {
        try (Rooms rooms = Rooms.builder().access(access).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "secret");
            assertThat(one).receivedTypes("welcome", "error").wasRefused(ErrorCode.FORBIDDEN);
            one.sends("{\"type\":\"join\",\"room\":\"broken\"}");
            one.sends("{\"type\":\"join\",\"room\":\"sneaky\"}");
            one.sends("{\"type\":\"join\",\"room\":\"no stage\"}");
            one.sends("{\"type\":\"members\"}");
            one.says("hello");
            assertEquals(
                    List.of("forbidden", "forbidden", "forbidden", "forbidden", "not_joined", "not_joined"),
                    one.frames("error").stream().map(f -> f.text("code")).toList());
            assertEquals(0, rooms.stats().rooms());
        }
    }

    @Test
    void a_type_that_one_may_not_send_is_refused_and_answers_are_remembered() {
        try (Rooms rooms = Rooms.builder().access(access).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.says("a");
            one.says("b");
            one.sends("{\"type\":\"admin\",\"content\":1}");
            one.sends("{\"type\":\"admin\",\"content\":1}");
            assertThat(one).received("a", "b").wasRefused(ErrorCode.FORBIDDEN);
            assertEquals(2, asked.get());
            assertEquals(List.of(), one.frames("admin"));
        }
    }

    @Test
    void a_recheck_takes_out_who_may_not_stay_and_it_sees_nothing_after() {
        try (Rooms rooms = Rooms.builder().access(access).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            FakeClient two = FakeClient.connect(rooms, "two", "lobby");
            FakeClient tab = FakeClient.connect(rooms, "two", "lobby");
            allJoined(one, two, tab);
            two.says("before");
            banned.add("two");
            rooms.recheck("two").toCompletableFuture().join();
            two.last("left");
            tab.last("left");
            one.last("user_left");
            two.forget();
            one.says("after");
            two.says("me too");
            assertEquals(
                    List.of("error"), two.frames().stream().map(f -> f.type()).toList());
            assertThat(one).received("before", "after");
            two.sends("{\"type\":\"join\"}");
            assertEquals("forbidden", two.last("error").text("code"));
        }
    }

    @Test
    void a_join_that_was_allowed_just_before_a_recheck_does_not_slip_in_behind_it() {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        AtomicInteger questions = new AtomicInteger();
        Access slow = new Access() {
            @Override
            public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                return questions.getAndIncrement() == 0 ? answer : CompletableFuture.completedFuture(false);
            }
        };
        try (Rooms rooms = Rooms.builder().access(slow).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            rooms.recheck("one").toCompletableFuture().join();
            answer.complete(true);
            one.last("left");
            assertEquals(2, questions.get());
        }
    }

    /** What was on its way to be asked, or to the handler, came behind the recheck that forbade it. */
    @Test
    void a_message_that_was_allowed_just_before_a_recheck_is_asked_about_again() {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        AtomicInteger questions = new AtomicInteger();
        Access slow = new Access() {
            @Override
            public CompletionStage<Boolean> mayPublish(Identity who, String room, String type) {
                return questions.getAndIncrement() == 0 ? answer : CompletableFuture.completedFuture(false);
            }
        };
        try (Rooms rooms = Rooms.builder().access(slow).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.says("late");
            rooms.recheck("one").toCompletableFuture().join();
            answer.complete(true);
            assertEquals("forbidden", one.last("error").text("code"));
            assertThat(one).received().isOpen();
            assertEquals(2, questions.get());
        }
    }

    @Test
    void nor_does_it_come_from_an_executor_that_took_its_time() {
        Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
        try (Rooms rooms = Rooms.builder().access(access).executor(tasks::add).build()) {
            FakeClient out = FakeClient.connect(rooms, "out", "lobby");
            FakeClient muted = FakeClient.connect(rooms, "muted", "lobby");
            FakeClient free = FakeClient.connect(rooms, "free", "lobby");
            allJoined(out, muted, free);
            runAll(tasks);
            out.says("from out");
            muted.says("from muted");
            free.says("from free");
            banned.add("out");
            mute.add("muted");
            for (String user : List.of("out", "muted", "free")) {
                rooms.recheck(user).toCompletableFuture().join();
            }
            out.last("left");
            runAll(tasks);
            assertEquals("not_joined", out.last("error").text("code"));
            assertEquals("forbidden", muted.last("error").text("code"));
            assertThat(free).received("from free");
            assertThat(muted).received("from free").isOpen();
            free.says("goes on");
            free.await("the next message", client -> {
                runAll(tasks);
                return client.frames("chat").size() == 2;
            });
        }
    }

    private static void runAll(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Test
    void all_connections_of_a_user_share_a_rate() {
        ManualTime time = new ManualTime();
        try (Rooms rooms = Rooms.builder()
                .time(time)
                .rate(new Rate(10, 10))
                .userRate(new Rate(10, 15))
                .build()) {
            FakeClient tab1 = FakeClient.connect(rooms, "one", "lobby");
            FakeClient tab2 = FakeClient.connect(rooms, "one", "lobby");
            FakeClient other = FakeClient.connect(rooms, "two", "lobby");
            for (int i = 0; i < 10; i++) {
                tab1.says(i);
                tab2.says(i);
            }
            assertEquals(15, other.frames("chat").size());
            assertThat(tab2).wasRefused(ErrorCode.RATE_LIMITED);
            assertEquals(100, tab2.last("error").number("retryAfter"));
            other.says("not my problem");
            assertEquals(16, other.frames("chat").size());
            time.advance(Duration.ofSeconds(1));
            tab1.says("again");
            assertEquals(17, other.frames("chat").size());
        }
    }

    @Test
    void connections_of_a_user_are_bounded_and_the_newest_loses() {
        try (Rooms rooms = Rooms.builder().limit(Limit.CONNECTIONS_PER_USER, 2).build()) {
            FakeClient first = FakeClient.connect(rooms, "one", "lobby");
            FakeClient second = FakeClient.connect(rooms, "one", "lobby");
            FakeClient third = FakeClient.connect(rooms, "one", "lobby");
            assertThat(third).wasClosed(dev.roomcast.CloseCode.CONNECTION_LIMIT).receivedNothing();
            assertThat(first).isOpen();
            second.closes();
            FakeClient fourth = FakeClient.connect(rooms, "one", "lobby");
            assertThat(fourth).isOpen();
        }
    }

    @Test
    void or_the_oldest_does() {
        try (Rooms rooms = Rooms.builder()
                .limit(Limit.CONNECTIONS_PER_USER, 2)
                .evictOldestConnection()
                .build()) {
            FakeClient first = FakeClient.connect(rooms, "one", "lobby");
            FakeClient second = FakeClient.connect(rooms, "one", "lobby");
            FakeClient third = FakeClient.connect(rooms, "one", "lobby");
            assertThat(first).wasClosed(dev.roomcast.CloseCode.CONNECTION_LIMIT);
            assertThat(second).isOpen();
            assertThat(third).isOpen();
            assertEquals(1, rooms.stats().hits(Limit.CONNECTIONS_PER_USER));
        }
    }

    @Test
    void handshakes_of_one_address_are_bounded_and_others_are_not_concerned() {
        ManualTime time = new ManualTime();
        try (Rooms rooms = Rooms.builder().time(time).handshakes(new Rate(1, 3)).build()) {
            Handshake here = Handshake.builder().remoteAddress("10.0.0.1").build();
            for (int i = 0; i < 3; i++) {
                assertEquals(0, status(rooms, here));
            }
            assertEquals(429, status(rooms, here));
            assertEquals(
                    0,
                    status(rooms, Handshake.builder().remoteAddress("10.0.0.2").build()));
            assertEquals(0, status(rooms, Handshake.builder().build()));
            time.advance(Duration.ofSeconds(1));
            assertEquals(0, status(rooms, here));
        }
    }

    @SuppressWarnings("NullAway") // A host whose compiler does not look.
    private static CompletionStage<Boolean> noStage() {
        return null;
    }

    private static int status(Rooms rooms, Handshake handshake) {
        return rooms.refusal(handshake).map(Refusal::status).orElse(0);
    }
}
