package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import org.junit.jupiter.api.Test;

/**
 * The duties of a {@link Bridge}, as tests. A bridge proves itself by a test class that extends this one and supplies it.
 * Names of rooms are new in each test, so that a bridge may keep what earlier ones left behind.
 */
public abstract class BridgeContract extends DirectoryDuties {

    /** For subclasses. */
    protected BridgeContract() {}

    @Test
    void its_parts_are_the_same_at_each_call() {
        assertSame(bridge().broadcaster(), bridge().broadcaster());
        assertSame(bridge().roster(), bridge().roster());
        assertSame(bridge().directory(), bridge().directory());
    }

    @Test
    void a_bridge_serves_one_hub() {
        assertThrows(
                IllegalStateException.class,
                () -> bridge().start(new Bridge.Context(delivery, time, name -> HistoryLimits.DEFAULT)));
    }
}
