package dev.roomcast.client;

import dev.roomcast.message.Content;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who is in a room, by the room's revision: a list says how it is, a change is taken if it is not older than what is known.
 * Where the list was a sample, only the count is sure. Guarded by the session's lock.
 */
final class Members {

    private final Map<String, Content> users = new LinkedHashMap<>();
    private long count;
    private long rev = -1;

    /** Takes a {@code joined} or {@code members}; true if that changed something. */
    boolean all(ServerFrame frame) {
        List<ServerFrame> named = frame.list("members");
        if (named == null) {
            return false;
        }
        Map<String, Content> before = Map.copyOf(users);
        long countBefore = count;
        users.clear();
        named.forEach(member -> put(member.text("userId"), member));
        count = Math.max(users.size(), frame.number("count", users.size()));
        rev = frame.number("rev", -1);
        return countBefore != count || !before.equals(users);
    }

    /** Takes a {@code user_joined}, {@code user_left} or {@code user_updated}; true if that changed something. */
    boolean change(ServerFrame frame) {
        String user = frame.text("userId");
        long now = frame.number("rev", rev);
        if (user == null || now < rev) {
            return false;
        }
        boolean isComplete = count == users.size();
        if (now == rev && !isComplete) {
            // What a joiner is told of itself: the count has it already.
            return false;
        }
        rev = now;
        Content before = users.get(user);
        if (frame.type().equals("user_left")) {
            users.remove(user);
            count -= before != null || !isComplete ? 1 : 0;
            return before != null || !isComplete;
        }
        boolean isNew = before == null && frame.type().equals("user_joined");
        if (before == null || frame.content("meta") != null || frame.type().equals("user_updated")) {
            put(user, frame);
        }
        count = isComplete ? users.size() : count + (isNew ? 1 : 0);
        return !Objects.equals(before, users.get(user));
    }

    private void put(@Nullable String user, ServerFrame frame) {
        if (user != null) {
            Content meta = frame.content("meta");
            users.put(user, meta == null ? Content.NULL : meta);
        }
    }

    boolean has(String user) {
        return users.containsKey(user);
    }

    Map<String, Content> copy() {
        return new LinkedHashMap<>(users);
    }

    long count() {
        return count;
    }
}
