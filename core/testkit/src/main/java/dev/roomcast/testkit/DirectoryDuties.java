package dev.roomcast.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a {@link Directory} owes to the instance that has it. */
abstract class DirectoryDuties extends RosterDuties {

    /** A user that no other test uses. */
    final String user = "user " + System.nanoTime() + " ü/%*}";

    @Test
    void a_connection_may_enter_and_leave_again_and_again() {
        Directory directory = bridge().directory();
        for (int i = 0; i < 3; i++) {
            assertTrue(get(directory.enter(user, "c1", 2, false)));
            assertTrue(get(directory.enter(user, "c1", 2, false)));
            assertTrue(get(directory.enter(user, "c2", 2, true)));
            get(directory.leave(user, "c1"));
            get(directory.leave(user, "c1"));
            get(directory.leave(user, "c2"));
            get(directory.leave("nobody", "c1"));
        }
    }

    @Test
    void what_an_instance_signals_goes_to_others_and_does_not_come_back() {
        Directory directory = bridge().directory();
        assertTrue(get(directory.enter(user, "c1", 64, false)));
        for (Signal signal : List.of(
                new Signal.Send(user, "event", Content.of(1), 1),
                new Signal.Disconnect(user, 4403, "out"),
                new Signal.Recheck(user),
                new Signal.Spent(user, 7),
                new Signal.Send("nobody", "event", Content.of(1), 1))) {
            assertEquals(0, get(directory.signal(signal)));
        }
        get(directory.signal(new Signal.Send(null, "event", Content.of(1), 1)));
        get(directory.leave(user, "c1"));
        assertEquals(List.of(), delivery.signals());
    }
}
