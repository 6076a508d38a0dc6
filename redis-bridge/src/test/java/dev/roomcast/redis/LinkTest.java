package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.roomcast.testkit.ManualTime;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkTest {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ManualTime time = new ManualTime();
    private final Owner owner = new Owner();
    private final Link<StatefulRedisConnection<byte[], byte[]>> link =
            new Link<>(this::connected, owner, time, PATIENCE);
    private int connects;

    @BeforeEach
    void connect() {
        link.connect();
        link.tick();
        assertEquals(1, owner.pings);
    }

    @Test
    void a_connection_whose_ping_is_not_answered_is_cut() {
        second();
        second();
        assertEquals(0, owner.downs);
        second();
        assertEquals(1, owner.downs);
    }

    /** Ten thousand rooms were subscribed behind one another on a busy machine; the cut began it all over again, for minutes. */
    @Test
    void a_connection_on_which_redis_goes_on_talking_is_only_slow() {
        for (int i = 0; i < 20; i++) {
            owner.heard++;
            second();
        }
        assertEquals(0, owner.downs);
        assertEquals(1, owner.pings);
        second();
        second();
        assertEquals(0, owner.downs);
        second();
        assertEquals(1, owner.downs);
    }

    /** What we say is swallowed and what others say is not: no room could be subscribed on it, and nothing told of that. */
    @Test
    void a_connection_on_which_redis_talks_but_never_answers_is_cut_in_the_end() {
        for (int i = 0; i < 30; i++) {
            owner.heard++;
            second();
        }
        assertEquals(0, owner.downs);
        owner.heard++;
        second();
        assertEquals(1, owner.downs);
    }

    /** A proxy that accepts and hangs up was connected to twenty times a second, as each connect had been a success. */
    @Test
    void a_link_that_is_ended_again_and_again_is_made_less_and_less_often() {
        int before = connects;
        for (int millis = 0; millis < 10_000; millis += 25) {
            if (owner.isUp) {
                link.renew();
            }
            time.advance(Duration.ofMillis(25));
        }
        int made = connects - before;
        assertTrue(made >= 10 && made <= 30, made + " in ten seconds");
    }

    @Test
    void a_link_that_has_lived_is_made_again_at_once() {
        for (int i = 0; i < 10; i++) {
            link.renew();
            time.advance(Duration.ofSeconds(1));
        }
        time.advance(Link.LIVED);
        int before = connects;
        link.renew();
        time.advance(Duration.ofMillis(50));
        assertEquals(before + 1, connects);
    }

    private void second() {
        time.advance(Duration.ofSeconds(1));
        link.tick();
    }

    private CompletableFuture<StatefulRedisConnection<byte[], byte[]>> connected() {
        connects++;
        return CompletableFuture.completedFuture(connection());
    }

    @SuppressWarnings("unchecked")
    private static StatefulRedisConnection<byte[], byte[]> connection() {
        StatefulRedisConnection<byte[], byte[]> connection = mock(StatefulRedisConnection.class);
        when(connection.closeAsync()).thenReturn(CompletableFuture.completedFuture(null));
        return connection;
    }

    /** Greets at once, and never answers a ping. */
    private static final class Owner implements Link.Owner<StatefulRedisConnection<byte[], byte[]>> {
        long heard;
        int pings;
        int downs;
        boolean isUp;

        @Override
        public CompletionStage<String> greet(StatefulRedisConnection<byte[], byte[]> connection) {
            return CompletableFuture.completedFuture("run id");
        }

        @Override
        public CompletionStage<String> ping(StatefulRedisConnection<byte[], byte[]> connection) {
            pings++;
            return new CompletableFuture<>();
        }

        @Override
        public long heard() {
            return heard;
        }

        @Override
        public void up(StatefulRedisConnection<byte[], byte[]> connection, String greeting) {
            isUp = true;
        }

        @Override
        public void down() {
            downs++;
            isUp = false;
        }

        @Override
        public void failed(Throwable failure) {}
    }
}
