package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UsersTest {

    private final ManualTime time = new ManualTime();
    private Hub hub = hub(false);

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void connections_of_one_user_share_what_is_the_users() {
        Users.Entry user = hub.users.enter(connection(), "one");
        assertNotNull(user);
        assertSame(user, hub.users.enter(connection(), "one"));
        assertTrue(hub.users.take(user, "one", time.nanos()).isZero());
        assertTrue(hub.users.take(user, "one", time.nanos()).isZero());
        assertFalse(hub.users.take(user, "one", time.nanos()).isZero());
        time.advance(Duration.ofSeconds(1));
        assertTrue(hub.users.take(user, "one", time.nanos()).isZero());
    }

    @Test
    void the_newest_loses_when_there_are_too_many() {
        LiveConnection first = connection();
        hub.users.enter(first, "one");
        hub.users.enter(connection(), "one");
        LiveConnection third = connection();
        assertNull(hub.users.enter(third, "one"));
        assertFalse(third.isOpen());
        assertTrue(first.isOpen());
        assertEquals(1, hub.stats().hits(Limit.CONNECTIONS_PER_USER));
        assertNotNull(hub.users.enter(connection(), "two"));
    }

    @Test
    void or_the_oldest_does() {
        hub.close();
        hub = hub(true);
        LiveConnection first = connection();
        LiveConnection second = connection();
        LiveConnection third = connection();
        for (LiveConnection connection : List.of(first, second, third)) {
            assertNotNull(hub.users.enter(connection, "one"));
        }
        assertFalse(first.isOpen());
        assertEquals(List.of(second, third), hub.users.connections("one"));
    }

    @Test
    void a_user_is_forgotten_with_the_last_connection() {
        LiveConnection first = connection();
        LiveConnection second = connection();
        Users.Entry user = hub.users.enter(first, "one");
        hub.users.enter(second, "one");
        hub.users.leave(first, "one");
        hub.users.leave(first, "one");
        assertEquals(List.of(second), hub.users.connections("one"));
        hub.users.leave(second, "one");
        hub.users.leave(second, "nobody");
        assertEquals(List.of(), hub.users.connections("one"));
        Users.Entry anew = hub.users.enter(connection(), "one");
        assertTrue(anew != user);
    }

    private LiveConnection connection() {
        return new LiveConnection(hub, Handshake.builder().build(), new NullTransport());
    }

    private Hub hub(boolean evictsOldest) {
        RoomsBuilder builder =
                Rooms.builder().time(time).userRate(new Rate(1, 2)).limit(Limit.CONNECTIONS_PER_USER, 2);
        return new Hub(evictsOldest ? builder.evictOldestConnection() : builder);
    }
}
