package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Signal;
import dev.roomcast.fuzz.Fuzz;
import dev.roomcast.message.Message;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Whatever comes from Redis is what an instance may have written, or refused by the two exceptions that readers throw. */
class EnvelopeFuzzTest {

    private static final long OWN = 5;

    @Test
    void an_envelope_is_read_or_refused() {
        new Fuzz(EnvelopeFuzzTest.class, "envelope")
                .run(20_000, random -> new EnvelopeInput(random).envelope(), EnvelopeFuzzTest::readEnvelope);
    }

    @Test
    void a_signal_is_read_or_refused() {
        new Fuzz(EnvelopeFuzzTest.class, "signal")
                .run(20_000, random -> new EnvelopeInput(random).signal(), EnvelopeFuzzTest::readSignal);
    }

    private static void readEnvelope(byte[] input) {
        Envelope envelope;
        try {
            envelope = Envelope.parse(input, EnvelopeInput.ROOM);
        } catch (IllegalArgumentException | BufferUnderflowException refused) {
            return;
        }
        if (envelope instanceof Envelope.Batch batch) {
            assertTrue(batch.first() >= 1 && !batch.messages().isEmpty());
            batch.messages().forEach(EnvelopeFuzzTest::isWrittenAsRead);
        } else if (envelope instanceof Envelope.Passing passing) {
            assertTrue(passing.message().isVolatile());
            isWrittenAsRead(passing.message());
        } else if (envelope instanceof Envelope.News news) {
            assertTrue(news.change().rev() <= Envelope.LAST_REVISION);
        }
    }

    /** What one instance passes on, another one reads the same. */
    private static void isWrittenAsRead(Message message) {
        assertEquals(EnvelopeInput.ROOM, message.room());
        byte[] written = MessageCodec.encode(message);
        Message again = MessageCodec.decode(ByteBuffer.wrap(written), EnvelopeInput.ROOM);
        assertArrayEquals(written, MessageCodec.encode(again));
    }

    private static void readSignal(byte[] input) {
        try {
            Signal signal = SignalCodec.parse(input, OWN);
            assertTrue(signal != null || isOwn(input));
            if (signal != null) {
                assertNotNull(SignalCodec.encode(signal, OWN));
            }
        } catch (IllegalArgumentException | BufferUnderflowException refused) {
            // As it should.
        }
    }

    private static boolean isOwn(byte[] input) {
        return Arrays.equals(
                Arrays.copyOfRange(input, 2, 2 + Long.BYTES),
                ByteBuffer.allocate(Long.BYTES).putLong(OWN).array());
    }
}
