package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReservedTypesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "welcome",
                "joined",
                "user_joined",
                "user_left",
                "user_updated",
                "ack",
                "error",
                "gap",
                "status",
                "left",
                "pong",
                "reconnect",
                "rc.",
                "rc.anything"
            })
    void what_the_server_says_no_client_says(String type) {
        assertTrue(ReservedTypes.isServers(type));
        assertTrue(ReservedTypes.isReserved(type));
        assertThrows(IllegalArgumentException.class, () -> ReservedTypes.check(type));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auth", "join", "leave", "members", "ping"})
    void what_a_client_asks_for_it_may_say_but_nobody_may_broadcast(String type) {
        assertFalse(ReservedTypes.isServers(type));
        assertTrue(ReservedTypes.isReserved(type));
        assertThrows(IllegalArgumentException.class, () -> ReservedTypes.check(type));
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "move", "rc", "rcx", "x.rc.y", "RC.x", "Welcome", "user_joined2", "typing"})
    void everything_else_is_the_applications(String type) {
        assertFalse(ReservedTypes.isServers(type));
        assertFalse(ReservedTypes.isReserved(type));
        assertDoesNotThrow(() -> ReservedTypes.check(type));
    }
}
