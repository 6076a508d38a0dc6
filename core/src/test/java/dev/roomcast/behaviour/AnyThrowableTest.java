package dev.roomcast.behaviour;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.CloseCode;
import dev.roomcast.Connection;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Observer;
import dev.roomcast.Room;
import dev.roomcast.RoomListener;
import dev.roomcast.Rooms;
import dev.roomcast.Sneaky;
import dev.roomcast.bridge.Member;
import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Transport;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A transport, a handler, a listener and an observer that throw, whatever it be: the others' room goes on. */
class AnyThrowableTest {

    enum Thrown {
        EXCEPTION,
        CHECKED,
        LINKAGE,
        STACK,
        ASSERTION;

        RuntimeException raise() {
            return Sneaky.raise(
                    switch (this) {
                        case EXCEPTION -> new IllegalStateException("on purpose");
                        case CHECKED -> new IOException("on purpose");
                        case LINKAGE -> new NoClassDefFoundError("on purpose");
                        case STACK -> new StackOverflowError("on purpose");
                        case ASSERTION -> new AssertionError("on purpose");
                    });
        }
    }

    private @Nullable Thrown thrown;
    private final Rooms rooms = Rooms.builder()
            .time(new ManualTime())
            .rate(new Rate(1e6, 1_000_000))
            .limit(Limit.SHUTDOWN_DEADLINE, 0)
            .limit(Limit.OUTBOX_BYTES, 2_000)
            .handler((connection, room, message, relay) -> {
                if (message.content().text().equals("boom")) {
                    throw raised();
                }
                relay.broadcast(message);
            })
            .listener(new RoomListener() {
                @Override
                public void onJoin(Room room, Member member) {
                    throw raised();
                }
            })
            .observer(new Observer() {
                @Override
                public void onClose(Connection connection, int code, @Nullable CloseCode reason) {
                    throw raised();
                }

                @Override
                public void onLimit(Limit limit, @Nullable Connection connection) {
                    throw raised();
                }

                @Override
                public void onDrop(Connection connection, int frames) {
                    throw raised();
                }
            })
            .build();

    @AfterEach
    void close() {
        rooms.close();
    }

    @ParameterizedTest
    @EnumSource(Thrown.class)
    void whatever_is_thrown_the_others_get_everything_in_order(Thrown which) {
        thrown = which;
        FakeClient one = FakeClient.connect(rooms, "one", "r");
        Throwing broken = new Throwing();
        rooms.accept(
                Handshake.builder()
                        .parameter("user", "broken")
                        .parameter("room", "r")
                        .build(),
                broken);
        FakeClient slow = FakeClient.connect(rooms, "slow", "r");
        FakeClient two = FakeClient.connect(rooms, "two", "r");
        Clients.allJoined(one, slow, two);
        slow.stopsReading();
        broken.throwsNow = true;
        String[] said = new String[100];
        for (int i = 0; i < said.length; i++) {
            said[i] = "message " + i;
            one.says(said[i]);
        }
        one.says("boom");
        assertThat(one).wasRefused(ErrorCode.INTERNAL).received(said);
        assertThat(two).received(said).sawEveryOffsetInOrder().isOpen();
        slow.readsAgain();
        assertThat(slow).received(said).sawEveryOffsetInOrder().isOpen();
        slow.vanishes();
        two.closes();
        one.says("the end");
        await().until(() -> one.frames("chat").size() == said.length + 1);
        await().untilAsserted(() -> assertEquals(List.of("broken", "one"), users()));
    }

    private List<String> users() {
        return rooms.connections().stream().map(Connection::userId).sorted().toList();
    }

    private RuntimeException raised() {
        return thrown == null ? new IllegalStateException("not begun") : thrown.raise();
    }

    /** Is as it should be until it throws from everything. */
    private final class Throwing implements Transport {

        private volatile boolean throwsNow;

        @Override
        public void write(FrameBatch batch, Completion completion) {
            check();
            completion.done(null);
        }

        @Override
        public void ping(Completion completion) {
            check();
            completion.done(null);
        }

        @Override
        public void close(int code, String reason) {
            check();
        }

        @Override
        public void abort() {
            check();
        }

        private void check() {
            if (throwsNow) {
                throw raised();
            }
        }
    }
}
