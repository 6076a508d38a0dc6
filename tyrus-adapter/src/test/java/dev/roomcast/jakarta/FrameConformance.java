package dev.roomcast.jakarta;

import static dev.roomcast.jakarta.FrameSource.batch;
import static dev.roomcast.jakarta.FrameSource.ping;
import static dev.roomcast.jakarta.FrameSource.text;
import static dev.roomcast.jakarta.FrameSource.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What our frames look like to those who have read the same RFC and share no code with us: the JDK's client and Node's
 * {@code ws}. Run once per server and client.
 */
abstract class FrameConformance {

    /** One of the independent clients. */
    interface Witness extends AutoCloseable {
        /** The next message, exactly as it was sent. */
        void expectText(String text) throws Exception;

        void expectPing() throws Exception;

        void expectPong() throws Exception;

        void expectClose(int code, String reason) throws Exception;

        void sendPing() throws Exception;

        /** Stops reading from the socket. */
        void pause() throws Exception;

        void resume() throws Exception;

        @Override
        void close();
    }

    abstract FrameSource source();

    abstract int port();

    abstract Witness connect(int port) throws Exception;

    @Test
    void every_size_arrives_as_it_was_sent_alone_and_together() throws Exception {
        try (Witness witness = connect(port())) {
            SessionTransport transport = source().next();
            List<String> all = new ArrayList<>();
            for (int size : FrameSource.SIZES) {
                all.add(text(all.size(), size));
            }
            for (String alone : all) {
                write(transport, batch(List.of(alone))).get(10, TimeUnit.SECONDS);
                witness.expectText(alone);
            }
            CompletableFuture<Void> written = write(transport, batch(all));
            for (String together : all) {
                witness.expectText(together);
            }
            written.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void pings_and_the_close_stand_between_messages_in_order() throws Exception {
        try (Witness witness = connect(port())) {
            SessionTransport transport = source().next();
            for (int round = 0; round < 20; round++) {
                String one = text(round, 125);
                String two = text(round, 126);
                write(transport, batch(List.of(one, two))).get(10, TimeUnit.SECONDS);
                ping(transport).get(10, TimeUnit.SECONDS);
                witness.expectText(one);
                witness.expectText(two);
                witness.expectPing();
            }
            CompletableFuture<Void> written = write(transport, batch(List.of(text(1, 65536), "the last")));
            transport.close(4001, "enough");
            witness.expectText(text(1, 65536));
            witness.expectText("the last");
            witness.expectClose(4001, "enough");
            written.get(10, TimeUnit.SECONDS);
            assertTrue(write(transport, batch(List.of("too late"))).isCompletedExceptionally());
        }
    }

    @Test
    void one_that_stops_reading_for_a_while_gets_all_of_it_whole() throws Exception {
        try (Witness witness = connect(port())) {
            SessionTransport transport = source().next();
            witness.pause();
            List<String> said = new ArrayList<>();
            CompletableFuture<Void> written = CompletableFuture.completedFuture(null);
            while (written.isDone() && said.size() < 100_000) {
                List<String> some = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    some.add(text(said.size() + i, 1000 + i));
                }
                said.addAll(some);
                written = write(transport, batch(some));
            }
            assertFalse(written.isDone(), "the socket takes no more");
            // The server answers by itself, in the middle of what is being written.
            witness.sendPing();
            witness.resume();
            for (String text : said) {
                witness.expectText(text);
            }
            written.get(10, TimeUnit.SECONDS);
            witness.expectPong();
            write(transport, batch(List.of("and on"))).get(10, TimeUnit.SECONDS);
            witness.expectText("and on");
            assertEquals(true, source().ways().matches(".*ready-made frames [^;]*: [1-9].*"), source().ways());
        }
    }
}
