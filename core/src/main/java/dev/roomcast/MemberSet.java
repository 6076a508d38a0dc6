package dev.roomcast;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one room on this instance: a dense array to run through, in which each member knows its own place, so
 * that joining and leaving cost the same in a room of two and of ten thousand. A pure structure, not thread-safe: it belongs
 * to the room's lane. The order is of no meaning, and removal changes it.
 */
final class MemberSet {

    private static final Membership[] NONE = {};

    private Membership[] members = NONE;
    private int size;

    /** How many connections each user has here; only since someone asked. */
    private @Nullable Map<String, Integer> users;

    /** Adds a member; false if it was in already. */
    boolean add(Membership member) {
        if (member.index >= 0) {
            return false;
        }
        if (size == members.length) {
            members = Arrays.copyOf(members, Math.max(4, size * 2));
        }
        member.index = size;
        members[size++] = member;
        if (users != null) {
            users.merge(userOf(member), 1, Integer::sum);
        }
        return true;
    }

    /** Takes a member out; false if it was not in. */
    boolean remove(Membership member) {
        int hole = member.index;
        if (hole < 0 || hole >= size || members[hole] != member) {
            return false;
        }
        Membership last = members[--size];
        members[hole] = last;
        last.index = hole;
        members[size] = null;
        member.index = -1;
        if (users != null) {
            users.computeIfPresent(userOf(member), (user, count) -> count == 1 ? null : count - 1);
        }
        if (size < members.length / 4) {
            members = size == 0 ? NONE : Arrays.copyOf(members, members.length / 2);
        }
        return true;
    }

    /**
     * Whether a user has a connection here. The first question looks through all members; from then on the answer is kept at
     * hand, until {@link #forgetUsers}.
     */
    boolean has(String userId) {
        Map<String, Integer> known = users;
        if (known == null) {
            known = new HashMap<>();
            for (int i = 0; i < size; i++) {
                known.merge(userOf(members[i]), 1, Integer::sum);
            }
            users = known;
        }
        return known.containsKey(userId);
    }

    /** Nobody asks for users any more. */
    void forgetUsers() {
        users = null;
    }

    /** For tests. */
    boolean knowsUsers() {
        return users != null;
    }

    private static String userOf(Membership member) {
        return member.connection.userId();
    }

    int size() {
        return size;
    }

    Membership get(int index) {
        return members[index];
    }
}
