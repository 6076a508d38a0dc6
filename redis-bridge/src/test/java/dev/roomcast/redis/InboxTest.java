package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Signal;
import dev.roomcast.testkit.RecordingDelivery;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboxTest {

    private static final long OTHER = 5;

    private final Keys keys = new Keys("p");
    private final Producer producer = new Producer();
    private final RecordingDelivery delivery = new RecordingDelivery();
    private final Inbox inbox = new Inbox(keys, delivery, producer, "a-1");

    @Test
    void what_is_said_to_this_instance_and_to_all_is_delivered_and_nothing_else() {
        Signal signal = new Signal.Recheck("one");
        byte[] bytes = SignalCodec.encode(signal, OTHER);
        inbox.message(keys.inbox("a-1"), bytes);
        inbox.message(keys.everyone(), bytes);
        inbox.message(keys.inbox("a-2"), bytes);
        inbox.message(keys.channel("lobby"), bytes);
        inbox.message(keys.everyone(), SignalCodec.encode(signal, producer.id()));
        assertEquals(List.of(signal, signal), delivery.signals());
        assertEquals(0, inbox.garbage());
    }

    @Test
    void garbage_is_counted_and_the_next_signal_is_delivered() {
        for (int i = 0; i < 2000; i++) {
            inbox.message(keys.inbox("a-1"), ("garbage " + i).getBytes(StandardCharsets.UTF_8));
        }
        inbox.message(keys.inbox("a-1"), new byte[0]);
        inbox.message(keys.inbox("a-1"), SignalCodec.encode(new Signal.Recheck("one"), OTHER));
        assertEquals(2001, inbox.garbage());
        assertEquals(1, delivery.signals().size());
    }

    @Test
    void it_listens_when_both_channels_are_confirmed_and_is_deaf_under_a_new_name_until_that_is() {
        int[] begun = new int[1];
        inbox.onListening(() -> begun[0]++);
        assertTrue(inbox.listen().toCompletableFuture().isCompletedExceptionally());
        inbox.subscribed(keys.inbox("a-1"), 1);
        assertEquals(0, begun[0]);
        inbox.subscribed(keys.everyone(), 2);
        assertEquals(1, begun[0]);
        assertTrue(inbox.isListening());
        inbox.use("a-2");
        assertFalse(inbox.isListening());
        inbox.subscribed(keys.inbox("a-1"), 2);
        assertFalse(inbox.isListening());
        inbox.subscribed(keys.inbox("a-2"), 2);
        assertTrue(inbox.isListening());
        assertEquals(2, begun[0]);
        inbox.down();
        assertFalse(inbox.isListening());
    }
}
