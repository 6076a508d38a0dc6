package dev.roomcast;

import java.util.Set;

/** Types that only the server says, so that nobody can pass off a message of its own as the hub's. */
final class ReservedTypes {

    static final Set<String> SERVER = Set.of(
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
            "reconnect");

    static final Set<String> REQUESTS = Set.of("auth", "join", "leave", "members", "ping");

    private ReservedTypes() {}

    /** Whether a client must not send it. */
    static boolean isServers(String type) {
        return SERVER.contains(type) || type.startsWith("rc.");
    }

    /** Whether it cannot be the type of a message. */
    static boolean isReserved(String type) {
        return isServers(type) || REQUESTS.contains(type);
    }

    static void check(String type) {
        if (isReserved(type)) {
            throw new IllegalArgumentException("the type is reserved by the protocol: " + type);
        }
    }
}
