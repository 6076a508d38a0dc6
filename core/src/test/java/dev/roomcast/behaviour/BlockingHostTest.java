package dev.roomcast.behaviour;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.CloseCode;
import dev.roomcast.Connection;
import dev.roomcast.Limit;
import dev.roomcast.Room;
import dev.roomcast.RoomListener;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.Status;
import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Member;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.LateBridge;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Code of the host that blocks, more often than any pool has threads, and what must go on all the same: a newcomer is
 * authenticated asynchronously, welcomed, joins, and what it says is handled and heard. The bridge answers late, as one over
 * a network does.
 */
class BlockingHostTest {

    private static final int MANY = 16;

    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicInteger blocked = new AtomicInteger();
    private final ExecutorService containers = Executors.newCachedThreadPool();
    private final ExecutorService tokens = Executors.newSingleThreadExecutor();
    private final AtomicReference<Rooms> hub = new AtomicReference<>();

    @AfterEach
    void close() {
        open.countDown();
        Rooms rooms = hub.get();
        if (rooms != null) {
            rooms.close();
        }
        containers.shutdownNow();
        tokens.shutdownNow();
    }

    @Test
    void handlers() {
        Rooms rooms = start(builder().handler((sender, room, message, relay) -> {
            if (sender.userId().startsWith("blocking")) {
                block();
            }
            relay.broadcast(message);
        }));
        blockers(client -> client.says("x"));
        // Its own messages would need the same threads; what the hub does by itself does not.
        assertWelcome(rooms, "newcomer");
        assertPublished(rooms);
    }

    @Test
    void a_listener() {
        Rooms rooms = start(builder()
                .handler((sender, room, message, relay) -> relay.broadcast(message))
                .listener(new RoomListener() {
                    @Override
                    public void onJoin(Room room, Member member) {
                        block();
                    }
                }));
        blockers(client -> {});
        assertEverythingGoesOn(rooms);
    }

    @Test
    void a_listener_for_the_bridges_status() {
        LateBridge bridge = new LateBridge(Bridge.local());
        AtomicReference<Bridge.Context> context = new AtomicReference<>();
        Rooms rooms = start(builder()
                .bridge(new Watched(bridge, context))
                .handler((sender, room, message, relay) -> relay.broadcast(message))
                .listener(new RoomListener() {
                    @Override
                    public void onStatus(Status status) {
                        block();
                    }
                }));
        // A loss that is over before anyone was told of it is not told.
        context.get().delivery().isolated(true);
        await().until(() -> blocked.get() > 0);
        context.get().delivery().isolated(false);
        for (int i = 0; i < MANY; i++) {
            context.get().delivery().isolated(true);
            context.get().delivery().isolated(false);
        }
        assertEverythingGoesOn(rooms);
    }

    @Test
    void an_authenticator() {
        Rooms rooms = start(builder().authenticator(credentials -> {
            String user = credentials.handshake().parameter("user").orElseThrow();
            if (user.startsWith("blocking")) {
                if (credentials.token() == null) {
                    return CompletableFuture.supplyAsync(() -> null, tokens);
                }
                block();
            }
            return CompletableFuture.supplyAsync(() -> Identity.of(user), tokens);
        }));
        for (int i = 0; i < MANY; i++) {
            int number = i;
            containers.execute(() -> FakeClient.connect(rooms, "blocking" + number, "b" + number)
                    .sends("{\"type\":\"auth\",\"token\":\"t\"}"));
        }
        awaitBlocked();
        assertEverythingGoesOn(rooms);
    }

    @Test
    void access_checks() {
        Rooms rooms = start(builder().access(new Access() {
            @Override
            public CompletionStage<Boolean> mayJoin(Identity who, String room) {
                if (who.userId().startsWith("blocking")) {
                    block();
                }
                return CompletableFuture.supplyAsync(() -> true, tokens);
            }
        }));
        FakeClient early = FakeClient.connect(rooms, "early", "r");
        await().until(() -> !early.frames("joined").isEmpty());
        early.says("first");
        await().until(() -> !early.frames("chat").isEmpty());
        for (int i = 0; i < MANY; i++) {
            int number = i;
            containers.execute(() -> FakeClient.connect(rooms, "blocking" + number, "b" + number));
        }
        awaitBlocked();
        assertWelcome(rooms, "newcomer");
        early.says("second");
        await().until(() -> early.frames("chat").size() == 2);
        assertPublished(rooms);
    }

    @SuppressWarnings("ImmutableEnumChecker") // The lambdas capture nothing.
    enum Chained {
        PUBLISH((rooms, connection) -> rooms.room("x").publish(Message.chat("hello"))),
        JOIN((rooms, connection) -> rooms.room("x").join(connection)),
        LEAVE((rooms, connection) -> rooms.room("w").leave(connection)),
        MEMBERS((rooms, connection) -> rooms.room("w").members()),
        UPDATE((rooms, connection) -> rooms.room("w").update("nobody", null)),
        HISTORY((rooms, connection) -> rooms.room("w").history(null, 10)),
        SEND((rooms, connection) -> rooms.user("nobody").send("note", 1)),
        SEND_TO_ALL((rooms, connection) -> rooms.broadcast("note", 1)),
        DISCONNECT((rooms, connection) -> rooms.user("nobody").disconnect(CloseCode.POLICY, "gone")),
        RECHECK((rooms, connection) -> rooms.user("nobody").recheck());

        @SuppressWarnings("ImmutableEnumChecker")
        private final Call call;

        Chained(Call call) {
            this.call = call;
        }
    }

    private interface Call {
        CompletionStage<?> to(Rooms rooms, Connection connection);
    }

    @ParameterizedTest
    @EnumSource
    void what_is_chained_to(Chained what) {
        Rooms rooms = start(builder().handler((sender, room, message, relay) -> relay.broadcast(message)));
        List<FakeClient> clients = IntStream.range(0, MANY)
                .mapToObj(i -> FakeClient.connect(rooms, "chained" + i, "w"))
                .toList();
        await().until(() ->
                clients.stream().noneMatch(client -> client.frames("joined").isEmpty()));
        List<Connection> connections = List.copyOf(rooms.connections());
        for (int i = 0; i < MANY; i++) {
            Connection connection = connections.get(i);
            // One that is complete by now runs here.
            containers.execute(() -> what.call.to(rooms, connection).thenAccept(done -> block()));
        }
        await().until(() -> blocked.get() > 0);
        assertEverythingGoesOn(rooms);
    }

    private RoomsBuilder builder() {
        return Rooms.builder()
                .bridge(new LateBridge(Bridge.local()))
                .rate(new Rate(1e6, 1_000_000))
                .limit(Limit.SHUTDOWN_DEADLINE, 0)
                .authenticator(credentials -> CompletableFuture.supplyAsync(
                        () -> Identity.of(
                                credentials.handshake().parameter("user").orElseThrow()),
                        tokens));
    }

    private Rooms start(RoomsBuilder builder) {
        Rooms rooms = builder.build();
        hub.set(rooms);
        return rooms;
    }

    /** Each has a room and a thread of its own, as a container with threads enough gives it. */
    private void blockers(Consumer<FakeClient> then) {
        for (int i = 0; i < MANY; i++) {
            int number = i;
            containers.execute(() -> {
                FakeClient client = FakeClient.connect(hub.get(), "blocking" + number, "b" + number);
                // Mostly before the login and the join are over: so it waits, and is handled by a thread of the hub.
                then.accept(client);
            });
        }
        awaitBlocked();
    }

    private void awaitBlocked() {
        await().until(() -> blocked.get() >= 2);
    }

    private void block() {
        blocked.incrementAndGet();
        try {
            open.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static FakeClient assertWelcome(Rooms rooms, String user) {
        FakeClient client = FakeClient.connect(rooms, user);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !client.frames("welcome").isEmpty());
        return client;
    }

    private static void assertPublished(Rooms rooms) {
        await().atMost(Duration.ofSeconds(20))
                .until(rooms.room("r").publish(Message.chat("of the host")).toCompletableFuture()::isDone);
    }

    private static void assertEverythingGoesOn(Rooms rooms) {
        FakeClient client = assertWelcome(rooms, "newcomer");
        client.sends("{\"type\":\"join\",\"room\":\"r\"}");
        // Behind the join, so it is handled by a thread of the hub.
        client.sends("{\"room\":\"r\",\"content\":\"one\"}");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !client.frames("chat").isEmpty());
        assertEquals("one", client.last("chat").text("content"));
        assertWelcome(rooms, "another");
    }

    /** A bridge whose delivery the test gets hold of. */
    private record Watched(Bridge bridge, AtomicReference<Context> context) implements Bridge {

        @Override
        public void start(Context started) {
            context.set(started);
            bridge.start(started);
        }

        @Override
        public dev.roomcast.bridge.Broadcaster broadcaster() {
            return bridge.broadcaster();
        }

        @Override
        public dev.roomcast.bridge.Roster roster() {
            return bridge.roster();
        }

        @Override
        public dev.roomcast.bridge.Directory directory() {
            return bridge.directory();
        }

        @Override
        public void close() {
            bridge.close();
        }
    }
}
