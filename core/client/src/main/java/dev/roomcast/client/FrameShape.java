package dev.roomcast.client;

import dev.roomcast.message.Content;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which fields an object of the server must have, and of which kind. An object of another shape may stand for a message that
 * is lost by it, so it is not repaired: the client gives the connection up, and recovers.
 *
 * <p>A field has the same kind wherever it occurs. Times are not looked at, see {@link ServerFrame#millis}.
 */
final class FrameShape {

    private static final Set<String> TEXTS =
            Set.of("type", "room", "epoch", "userId", "key", "id", "code", "message", "re", "state");

    private static final Set<String> COUNTS = Set.of("offset", "count", "rev", "timestamp");

    private static final Map<String, List<String>> NEEDED = Map.ofEntries(
            Map.entry("joined", List.of("room", "epoch", "offset", "members", "count", "rev")),
            Map.entry("left", List.of("room")),
            Map.entry("members", List.of("room", "members", "count", "rev")),
            Map.entry("user_joined", List.of("room", "userId", "rev")),
            Map.entry("user_left", List.of("room", "userId", "rev")),
            Map.entry("user_updated", List.of("room", "userId", "rev")),
            Map.entry("ack", List.of("id", "epoch", "offset")),
            Map.entry("error", List.of("code")),
            Map.entry("gap", List.of("room", "epoch", "offset", "lost")),
            Map.entry("status", List.of("state")));

    private FrameShape() {}

    /**
     * Looks at one object.
     *
     * @throws IllegalArgumentException if it is of another shape; says what is wrong, without quoting a value
     */
    static void check(ServerFrame frame) {
        String type = frame.text("type");
        if (type == null || type.isEmpty()) {
            throw new IllegalArgumentException("no type");
        }
        for (String field : NEEDED.getOrDefault(type, List.of())) {
            require(frame.has(field), type, field);
        }
        TEXTS.forEach(field -> require(!frame.has(field) || frame.text(field) != null, type, field));
        COUNTS.forEach(field -> require(!frame.has(field) || frame.number(field, -1) >= 0, type, field));
        boolean isPlaced = frame.has("epoch") || frame.has("offset");
        require(!isPlaced || frame.position("offset") != null, type, "offset");
        if (isPlaced && !NEEDED.containsKey(type)) {
            // It counts in the room's order, so it must be one that can be handed out.
            require(frame.has("room"), type, "room");
            require(frame.has("content"), type, "content");
        }
        require(!frame.has("meta") || isObject(frame), type, "meta");
        require(!frame.has("recovered") || frame.is("recovered") || frame.isNot("recovered"), type, "recovered");
        require(!type.equals("joined") || !frame.text("room", "").isEmpty(), type, "room");
        ServerFrame lost = frame.object("lost");
        require(!frame.has("lost") || (lost != null && lost.position("after") != null), type, "lost");
        List<ServerFrame> members = frame.list("members");
        require(
                !frame.has("members") || (members != null && members.stream().allMatch(FrameShape::isMember)),
                type,
                "members");
    }

    private static boolean isMember(ServerFrame member) {
        return member.text("userId") != null && (!member.has("meta") || isObject(member));
    }

    private static boolean isObject(ServerFrame withMeta) {
        Content meta = withMeta.content("meta");
        return meta != null && meta.json().startsWith("{");
    }

    private static void require(boolean isRight, String type, String field) {
        if (!isRight) {
            String named = NEEDED.containsKey(type) ? type : "a message";
            throw new IllegalArgumentException(field + " of " + named + " is missing or of another kind");
        }
    }
}
