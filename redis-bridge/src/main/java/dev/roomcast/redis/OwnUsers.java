package dev.roomcast.redis;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The truth about this instance: the connections of each user, and when they came. Redis is brought in line with it. Not
 * thread-safe: whoever reads it here and tells Redis must do both as one.
 */
final class OwnUsers {

    /** A connection; pending while Redis is asked whether it may be. */
    record Own(String connection, long since, boolean pending) {}

    /** Beyond, what may be too much in Redis goes with its time to live. */
    private static final int MOST_DOUBTFUL = 65_536;

    private final Map<String, Map<String, Own>> users = new HashMap<>();

    /** Users of whom Redis may know something else. */
    private final Set<String> doubtful = new LinkedHashSet<>();

    /** Users whose turn it is to be put again, and how many there were when this round began. */
    private final Deque<String> round = new ArrayDeque<>();

    private int roundSize;

    /** True if it is the user's first. One that is there already stays as it is. */
    boolean add(String user, String connection, long since) {
        Map<String, Own> here = users.get(user);
        boolean isFirst = here == null;
        if (here == null) {
            here = new LinkedHashMap<>(2);
            users.put(user, here);
        }
        here.putIfAbsent(connection, new Own(connection, since, true));
        return isFirst;
    }

    /** Redis has been asked. */
    void settle(String user, String connection) {
        Map<String, Own> here = users.get(user);
        if (here != null) {
            here.computeIfPresent(connection, (id, own) -> new Own(id, own.since, false));
        }
    }

    /** False if it was not there. */
    boolean remove(String user, String connection) {
        Map<String, Own> here = users.get(user);
        if (here == null || here.remove(connection) == null) {
            return false;
        }
        if (here.isEmpty()) {
            users.remove(user);
        }
        return true;
    }

    List<Own> of(String user) {
        Map<String, Own> here = users.get(user);
        return here == null ? List.of() : List.copyOf(here.values());
    }

    boolean has(String user) {
        return users.containsKey(user);
    }

    void doubt(String user) {
        if (doubtful.size() < MOST_DOUBTFUL) {
            doubtful.add(user);
        }
    }

    /** Those in doubt, who are that no longer. */
    List<String> takeDoubtful() {
        List<String> taken = new ArrayList<>(doubtful);
        doubtful.clear();
        return taken;
    }

    /** The next ones to be put again, so that everyone's turn comes once in so many calls. */
    List<String> takeTurn(int calls) {
        if (round.isEmpty()) {
            round.addAll(users.keySet());
            roundSize = round.size();
        }
        List<String> turn = new ArrayList<>();
        for (int i = (roundSize + calls - 1) / calls; i > 0 && !round.isEmpty(); i--) {
            turn.add(round.remove());
        }
        return turn;
    }

    List<String> all() {
        return new ArrayList<>(users.keySet());
    }

    int size() {
        return users.size();
    }

    boolean isEmpty() {
        return users.isEmpty() && doubtful.isEmpty();
    }
}
