package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Rooms;
import dev.roomcast.message.Message;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two applications in two databases of one Redis, under one prefix: neither hears the other. */
class DatabasesTest {

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void needsRedis() {
        RedisServer.assumeAvailable();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    /** Redis numbers keys by database, and delivers what is published to subscribers in every database. */
    @Test
    void nothing_that_is_said_in_one_database_reaches_members_in_another() throws Exception {
        RedisServer redis = RedisServer.start();
        Rooms production = hub(redis.uri() + "/0");
        Rooms staging = hub(redis.uri() + "/1");
        Rooms alsoStaging = hub(redis.uri() + "/1");
        open.add(redis);
        FakeClient outside = join(production);
        FakeClient inside = join(staging);

        done(alsoStaging.room("lobby").publish(Message.of("cursor", 1).asVolatile()));
        done(alsoStaging.room("lobby").publish(Message.of("price", 1).latestOf("a")));
        done(alsoStaging.room("lobby").publish(Message.of("kept", 1)));
        assertEquals(1, done(alsoStaging.user("one").send("personal", 1)));
        assertEquals(1, done(alsoStaging.broadcast("everyone", 1)));
        FakeClient second = FakeClient.connect(alsoStaging, "two", "lobby");
        second.last("joined");
        List<String> said = List.of("cursor", "price", "kept", "personal", "everyone", "user_joined");
        said.forEach(inside::last);
        inside.await("the other one", one -> one.frames("user_joined").size() == 2);

        // Each way behind all that might have come by it.
        done(production.room("lobby").publish(Message.of("cursor", "end").asVolatile()));
        done(production.broadcast("everyone", "end"));
        outside.last("cursor");
        outside.last("everyone");
        assertEquals(
                List.of("cursor", "everyone", "joined", "user_joined", "welcome"),
                outside.frames().stream().map(frame -> frame.type()).sorted().toList());
    }

    private static FakeClient join(Rooms hub) {
        FakeClient client = FakeClient.connect(hub, "one", "lobby");
        client.last("joined");
        client.last("user_joined");
        return client;
    }

    private static <T> T done(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Rooms hub(String uri) {
        Rooms hub = Rooms.builder()
                .bridge(RedisBridge.builder(uri).timing(Instances.QUICK).build())
                .build();
        open.add(hub);
        return hub;
    }
}
