package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.roomcast.guard.Rate;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A user's rate is the user's, however often the user connects. */
class RestingUsersTest {

    private final ManualTime time = new ManualTime();
    private Rooms rooms = rooms(5);

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void to_reconnect_brings_no_new_burst() {
        for (int i = 0; i < 10; i++) {
            FakeClient client = joined("eager", "r");
            for (int j = 0; j < 5; j++) {
                client.says(j);
            }
            client.closes();
        }
        assertPublished(5);
        time.advance(Duration.ofSeconds(2));
        FakeClient client = joined("eager", "r");
        for (int j = 0; j < 5; j++) {
            client.says(j);
        }
        assertPublished(7);
    }

    /** Several connections at once have one allowance, which they find again. */
    @Test
    void nor_does_it_to_reconnect_with_many() {
        for (int i = 0; i < 5; i++) {
            FakeClient[] clients = new FakeClient[6];
            for (int k = 0; k < clients.length; k++) {
                clients[k] = joined("eager", "own" + i + k);
            }
            for (FakeClient client : clients) {
                for (int j = 0; j < 5; j++) {
                    client.says(j);
                }
            }
            for (FakeClient client : clients) {
                client.closes();
            }
        }
        assertPublished(20);
    }

    @Test
    void who_has_spent_nothing_or_has_rested_is_let_in_with_a_whole_burst() {
        for (int i = 0; i < 3; i++) {
            FakeClient client = joined("calm", "r");
            for (int j = 0; j < 5; j++) {
                client.says(j);
            }
            assertPublished(5L * (i + 1));
            client.closes();
            time.advance(Duration.ofSeconds(5));
        }
        FakeClient.connect(rooms, "silent", "r").closes();
        FakeClient silent = joined("silent", "r");
        for (int j = 0; j < 5; j++) {
            silent.says(j);
        }
        assertPublished(20);
    }

    @Test
    void so_many_are_remembered_and_those_who_have_rested_go_first() {
        int[] forgotten = new int[1];
        RestingUsers users = new RestingUsers(2, () -> forgotten[0]++);
        users.put("a", spent(0), 0);
        users.put("b", spent(0), 0);
        users.put("c", spent(0), 0);
        assertNull(users.take("a"));
        assertEquals(1, forgotten[0]);
        assertNotNull(users.take("b"));
        users.put("d", spent(1_000_000_000_000L), 1_000_000_000_000L);
        assertEquals(1, users.size(), "one has rested");
        users.put("e", new Users.Entry(), 1_000_000_000_000L);
        assertEquals(1, users.size(), "one has spent nothing");
        assertEquals(1, forgotten[0]);
    }

    @Test
    void beyond_the_bound_somebody_starts_anew_and_that_is_counted() {
        rooms.close();
        rooms = rooms(1);
        for (String user : new String[] {"one", "two"}) {
            FakeClient client = joined(user, "r");
            client.says("a");
            client.closes();
        }
        assertEquals(1, rooms.stats().hits(Limit.RESTING_USERS));
    }

    /** What is said behind a join that is under way is lost with the connection. */
    private FakeClient joined(String user, String room) {
        FakeClient client = FakeClient.connect(rooms, user, room);
        client.last("joined");
        return client;
    }

    /** A join, and what waits behind it, may be finished by another thread. */
    private void assertPublished(long messages) {
        await().untilAsserted(() -> assertEquals(messages, rooms.stats().published()));
    }

    private static Users.Entry spent(long now) {
        Users.Entry user = new Users.Entry();
        user.allowance(new Rate(1, 5), now).take(now);
        return user;
    }

    private Rooms rooms(int resting) {
        return Rooms.builder()
                .time(time)
                .rate(new Rate(1, 5))
                .limit(Limit.RESTING_USERS, resting)
                .limit(Limit.SHUTDOWN_DEADLINE, 0)
                .build();
    }
}
