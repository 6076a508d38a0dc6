package dev.roomcast.behaviour;

import static dev.roomcast.behaviour.Clients.allJoined;
import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Connection;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.MessageHandler;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.Sneaky;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.message.Content;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the host's code can do with messages and rooms. */
class HandlerTest {

    @Test
    void a_handler_changes_swallows_and_answers() {
        MessageHandler handler = (sender, room, message, relay) -> {
            switch (message.content().text()) {
                case "shout" -> relay.broadcast(message.content(Content.of("SHOUT")));
                case "whisper" -> sender.send("note", "only for you");
                default -> relay.broadcast(message);
            }
        };
        try (Rooms rooms = Rooms.builder().handler(handler).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            FakeClient two = FakeClient.connect(rooms, "two", "lobby");
            allJoined(one, two);
            one.says("shout");
            one.says("whisper");
            one.says("plain");
            assertThat(two).received("SHOUT", "plain");
            assertEquals("only for you", one.last("note").text("content"));
            assertEquals(List.of(), two.frames("note"));
        }
    }

    @Test
    void a_handler_that_throws_costs_its_sender_an_error() {
        MessageHandler handler = (sender, room, message, relay) -> {
            if (message.content().text().equals("bad")) {
                throw new IllegalStateException("on purpose");
            }
            relay.broadcast(message);
        };
        try (Rooms rooms = Rooms.builder().handler(handler).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.says("bad");
            assertThat(one).wasRefused(ErrorCode.INTERNAL).isOpen();
            one.says("good");
            assertThat(one).received("good");
        }
    }

    /** A checked exception, which other languages throw undeclared, went by: no error was told, and on an executor the
     *  connection was never served again. */
    @Test
    void nor_does_one_that_throws_what_java_does_not_foresee() {
        MessageHandler handler = (sender, room, message, relay) -> {
            if (message.content().text().equals("bad")) {
                throw Sneaky.raise(new IOException("on purpose"));
            }
            relay.broadcast(message);
        };
        for (RoomsBuilder builder : List.of(Rooms.builder(), Rooms.builder().executor(ForkJoinPool.commonPool()))) {
            try (Rooms rooms = builder.handler(handler).build()) {
                FakeClient one = FakeClient.connect(rooms, "one", "lobby");
                one.says("bad");
                one.says("good");
                assertThat(one).received("good").isOpen();
                assertEquals("internal", one.last("error").text("code"));
            }
        }
    }

    @Test
    void an_executor_or_a_sanitizer_that_throws_anything_costs_its_sender_an_error() {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Executor executor = task -> {
            if (thrown.get() != null) {
                throw Sneaky.raise(thrown.get());
            }
            task.run();
        };
        Sanitizer sanitizer = Sanitizer.of(text -> {
            if (text.equals("bad")) {
                throw Sneaky.raise(new IOException("quotes " + text));
            }
            return text;
        });
        try (Rooms rooms =
                Rooms.builder().executor(executor).sanitizer(sanitizer).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            for (Throwable any : List.of(
                    new RejectedExecutionException(),
                    new IOException("on purpose"),
                    new AssertionError("on purpose"))) {
                thrown.set(any);
                one.forget();
                one.says("refused");
                assertEquals("unavailable", one.last("error").text("code"));
            }
            thrown.set(null);
            one.forget();
            one.says("bad");
            one.sends("{\"type\":\"join\",\"room\":\"other\",\"meta\":{\"a\":\"bad\"}}");
            one.says("good");
            assertThat(one).received("good").isOpen();
            assertEquals(
                    List.of("internal", "internal"),
                    one.frames("error").stream()
                            .map(frame -> frame.text("code"))
                            .toList());
        }
    }

    @Test
    void a_publish_from_inside_a_handler_only_appends_and_nothing_nests() {
        MessageHandler handler = (sender, room, message, relay) -> {
            relay.broadcast(message);
            int n = Integer.parseInt(message.content().text());
            if (n == 0) {
                for (int i = 1; i <= 10_000; i++) {
                    assertTrue(room.broadcast("chat", i));
                }
            }
        };
        try (Rooms rooms = Rooms.builder()
                .handler(handler)
                .limit(Limit.LANE_MESSAGES, 20_000)
                .build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            one.says(0);
            assertThat(one)
                    .received(IntStream.rangeClosed(0, 10_000)
                            .mapToObj(Integer::toString)
                            .toArray(String[]::new))
                    .sawEveryOffsetInOrder();
        }
    }

    @Test
    void on_an_executor_messages_of_one_connection_stay_in_order() {
        Deque<Runnable> tasks = new ArrayDeque<>();
        try (Rooms rooms =
                Rooms.builder().executor(tasks::add).rate(new Rate(1000, 1000)).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            tasks.clear();
            String[] said = IntStream.range(0, 100).mapToObj(Integer::toString).toArray(String[]::new);
            for (String text : said) {
                one.says(text);
            }
            assertThat(one).received();
            while (one.frames("chat").size() < said.length) {
                Runnable task;
                synchronized (tasks) {
                    task = tasks.poll();
                }
                if (task != null) {
                    task.run();
                }
            }
            assertThat(one).received(said);
        }
    }

    @Test
    void a_backlog_behind_a_handler_is_bounded_and_refused() {
        Deque<Runnable> tasks = new ArrayDeque<>();
        try (Rooms rooms = Rooms.builder()
                .executor(tasks::add)
                .limit(Limit.BACKLOG_MESSAGES, 5)
                .build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            for (int i = 0; i < 10; i++) {
                one.says(i);
            }
            assertThat(one).wasRefused(ErrorCode.RATE_LIMITED).isOpen();
            assertEquals(4, rooms.stats().hits(Limit.BACKLOG_MESSAGES));
        }
    }

    @Test
    void an_id_is_acknowledged_with_the_position_and_a_repeat_with_the_same() {
        try (Rooms rooms = Rooms.builder().build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            one.sends("{\"content\":\"a\",\"id\":\"m1\"}");
            one.sends("{\"content\":\"a\",\"id\":\"m1\"}");
            one.sends("{\"content\":\"b\",\"id\":\"m1\"}");
            assertThat(one).received("a");
            assertEquals(2, one.frames("ack").size());
            assertEquals(
                    one.frames("ack").get(0).json(), one.frames("ack").get(1).json());
            assertEquals(one.last("chat").number("offset"), one.last("ack").number("offset"));
            assertEquals("id_conflict", one.last("error").text("code"));
            assertEquals("m1", one.last("error").text("id"));
        }
    }

    @Test
    void a_message_that_the_host_swallows_is_not_acknowledged() {
        try (Rooms rooms =
                Rooms.builder().handler((sender, room, message, relay) -> {}).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            one.sends("{\"content\":\"a\",\"id\":\"m1\"}");
            assertThat(one).wasRefused(ErrorCode.FORBIDDEN);
            assertEquals("m1", one.last("error").text("id"));
        }
    }

    /** The client of a message with an id got neither ack nor error. */
    @Test
    void a_message_that_the_host_makes_volatile_goes_out_and_is_not_acknowledged() {
        try (Rooms rooms = Rooms.builder()
                .handler((sender, room, message, relay) -> relay.broadcast(message.asVolatile()))
                .build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            one.sends("{\"content\":\"a\",\"id\":\"m1\"}");
            assertThat(one).received("a").wasRefused(ErrorCode.FORBIDDEN);
            assertEquals("m1", one.last("error").text("id"));
            one.forget();
            one.says("without an id");
            assertEquals(List.of(), one.frames("error"));
        }
    }

    /** A relay that was kept broadcast what its sender had been told would not go out. */
    @Test
    void a_message_is_passed_on_once_and_only_before_the_handler_returns() {
        List<MessageHandler.Relay> kept = new CopyOnWriteArrayList<>();
        List<String> refusals = new CopyOnWriteArrayList<>();
        MessageHandler handler = (sender, room, message, relay) -> {
            kept.add(relay);
            switch (message.content().text()) {
                case "twice" -> {
                    relay.broadcast(message);
                    refusals.add(assertThrows(IllegalStateException.class, () -> relay.broadcast(message))
                            .getMessage());
                }
                case "reserved" -> {
                    assertThrows(
                            IllegalArgumentException.class, () -> relay.broadcast(Message.of("user_left", "spoof")));
                    relay.broadcast(message);
                }
                case "throws" -> throw new IllegalStateException("on purpose");
                default -> {}
            }
        };
        try (Rooms rooms = Rooms.builder().handler(handler).build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            allJoined(one);
            one.says("twice");
            one.says("reserved");
            one.says("later");
            one.says("throws");
            assertEquals(1, refusals.size());
            for (MessageHandler.Relay relay : kept) {
                assertThrows(IllegalStateException.class, () -> relay.broadcast(Message.chat("too late")));
            }
            assertThat(one).received("twice", "reserved");
        }
    }

    @Test
    void the_host_broadcasts_leaves_out_and_reads_history() {
        try (Rooms rooms = Rooms.builder().build()) {
            FakeClient one = FakeClient.connect(rooms, "one", "lobby");
            FakeClient two = FakeClient.connect(rooms, "two", "lobby");
            allJoined(one, two);
            Connection connection = connectionOf(rooms, "one");
            Position first = rooms.room("lobby")
                    .publish(Message.of("news", List.of(1, 2)).excluding(new Exclusion(connection.id(), "one")))
                    .toCompletableFuture()
                    .join();
            assertEquals(1, first.offset());
            assertTrue(rooms.room("lobby").broadcast("chat", "for all"));
            assertEquals(List.of(), one.frames("news"));
            assertEquals(List.of(1, 2), two.last("news").get("content"));
            assertFalse(two.last("news").fields().containsKey("userId"));
            assertThat(one).received("for all");
            assertEquals(
                    List.of("for all"),
                    rooms.room("lobby").history(first, 10).toCompletableFuture().join().messages().stream()
                            .map(message -> message.content().text())
                            .toList());
            assertThrows(
                    IllegalArgumentException.class, () -> rooms.room("lobby").broadcast("user_left", "spoof"));
            assertThrows(IllegalArgumentException.class, () -> rooms.room("a\nb"));
        }
    }

    @Test
    void the_host_lets_a_connection_join_and_leave() {
        try (Rooms rooms = Rooms.builder().build()) {
            FakeClient one = FakeClient.connect(rooms, "one");
            Connection connection = connectionOf(rooms, "one");
            assertTrue(rooms.room("vip").join(connection).toCompletableFuture().join());
            assertEquals("vip", one.last("joined").text("room"));
            assertTrue(connection.rooms().contains("vip"));
            assertTrue(rooms.room("vip").leave(connection).toCompletableFuture().join());
            assertFalse(
                    rooms.room("vip").leave(connection).toCompletableFuture().join());
            assertEquals("vip", one.last("left").text("room"));
            one.closes();
            assertFalse(rooms.room("vip").join(connection).toCompletableFuture().join());
        }
    }

    private static Connection connectionOf(Rooms rooms, String user) {
        return rooms.connections().stream()
                .filter(connection -> connection.userId().equals(user))
                .findFirst()
                .orElseThrow();
    }
}
