package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The duties of a {@link Bridge} that joins several instances, as tests: those of {@link BridgeContract}, and what is seen
 * from another instance. {@link #create()} supplies bridges of one cluster: a test has three.
 */
public abstract class SharedBridgeContract extends BridgeContract {

    private final RecordingDelivery otherDelivery = new RecordingDelivery();
    private final RecordingDelivery thirdDelivery = new RecordingDelivery();
    private @Nullable Bridge other;
    private @Nullable Bridge third;

    /** For subclasses. */
    protected SharedBridgeContract() {}

    @BeforeEach
    void startOthers() {
        other = started(otherDelivery);
        third = started(thirdDelivery);
    }

    @AfterEach
    void closeOthers() {
        Objects.requireNonNull(other).close();
        Objects.requireNonNull(third).close();
    }

    @Test
    void a_signal_reaches_the_instances_of_its_user_once_and_no_others() {
        get(other().enter(user, "c1", 64, false));
        get(other().enter(user, "c2", 64, false));
        get(third().enter("someone else", "c3", 64, false));
        List<Signal> signals = List.of(
                new Signal.Send(user, "event", Content.of("ü {}"), 17),
                new Signal.Disconnect(user, 4403, "out ü"),
                new Signal.Recheck(user),
                new Signal.Spent(user, 7));
        for (Signal signal : signals) {
            assertEquals(1, get(bridge().directory().signal(signal)));
        }
        eventually(() -> otherDelivery.signals().size() == signals.size());
        assertEquals(signals, otherDelivery.signals());
        assertEquals(List.of(), thirdDelivery.signals());
        assertEquals(List.of(), delivery.signals());
    }

    @Test
    void a_signal_for_everyone_reaches_all_instances_with_connections_once() {
        get(other().enter(user, "c1", 64, false));
        get(third().enter("someone else", "c2", 64, false));
        Signal signal = new Signal.Send(null, "event", Content.of(List.of(1, 2)), 17);
        assertEquals(2, get(bridge().directory().signal(signal)));
        eventually(() ->
                !otherDelivery.signals().isEmpty() && !thirdDelivery.signals().isEmpty());
        assertEquals(List.of(signal), otherDelivery.signals());
        assertEquals(List.of(signal), thirdDelivery.signals());
        assertEquals(1, get(other().signal(signal)));
        eventually(() -> thirdDelivery.signals().size() == 2);
        assertEquals(List.of(signal), otherDelivery.signals());
        assertEquals(List.of(), delivery.signals());
    }

    @Test
    void who_has_left_an_instance_is_not_reached_there() {
        get(other().enter(user, "c1", 64, false));
        get(other().enter(user, "c2", 64, false));
        get(other().leave(user, "c1"));
        assertEquals(1, get(bridge().directory().signal(new Signal.Recheck(user))));
        get(other().leave(user, "c2"));
        assertEquals(0, get(bridge().directory().signal(new Signal.Recheck(user))));
        eventually(() -> otherDelivery.signals().size() == 1);
    }

    @Test
    void the_newest_connection_is_refused_when_a_user_has_too_many_on_all_instances_together() {
        assertTrue(get(bridge().directory().enter(user, "c1", 2, false)));
        assertTrue(get(other().enter(user, "c2", 2, false)));
        assertTrue(get(other().enter(user, "c2", 2, false)));
        assertFalse(get(third().enter(user, "c3", 2, false)));
        assertEquals(1, get(bridge().directory().signal(new Signal.Recheck(user))));
        get(other().leave(user, "c2"));
        assertTrue(get(third().enter(user, "c3", 2, false)));
        assertFalse(get(other().enter(user, "c4", 2, false)));
        assertEquals(List.of(), thirdDelivery.signals());
    }

    @Test
    void or_the_oldest_makes_way_wherever_it_is() {
        assertTrue(get(bridge().directory().enter(user, "c1", 2, true)));
        pass(Duration.ofMillis(1));
        assertTrue(get(other().enter(user, "c2", 2, true)));
        pass(Duration.ofMillis(1));
        assertTrue(get(third().enter(user, "c3", 2, true)));
        eventually(() -> delivery.signals().size() == 1);
        pass(Duration.ofMillis(1));
        assertTrue(get(bridge().directory().enter(user, "c4", 2, true)));
        eventually(() -> otherDelivery.signals().size() == 1);
        assertEquals(List.of(new Signal.Evict(user, "c1")), delivery.signals());
        assertEquals(List.of(new Signal.Evict(user, "c2")), otherDelivery.signals());
        assertEquals(List.of(), thirdDelivery.signals());
    }

    private Directory other() {
        return Objects.requireNonNull(other).directory();
    }

    private Directory third() {
        return Objects.requireNonNull(third).directory();
    }

    private Bridge started(RecordingDelivery recording) {
        Bridge bridge = create();
        bridge.start(new Bridge.Context(recording, time, name -> HistoryLimits.DEFAULT));
        return bridge;
    }
}
