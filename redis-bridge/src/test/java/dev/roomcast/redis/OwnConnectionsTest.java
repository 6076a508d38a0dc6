package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import org.junit.jupiter.api.Test;

class OwnConnectionsTest {

    /** The update was made, and its answer was an error. */
    @Test
    void a_member_may_be_updated_by_an_instance_that_has_none_in_the_room() {
        assertDoesNotThrow(() -> new OwnConnections().update("lobby", "one", null));
    }
}
