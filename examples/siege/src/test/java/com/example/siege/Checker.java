package com.example.siege;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Checks that every message arrives at every member of its room once, in the order of its sender, and in time, and that every
 * acknowledgement comes. Keeps at most {@value #MOST_FAULTS} faults and counts the rest. Safe for use by several threads.
 */
final class Checker {

    private static final int MOST_FAULTS = 20;

    private record Path(String sender, String receiver) {}

    private record Waiting(int number, long at) {}

    private final long patience;
    private final Map<Path, List<Waiting>> waiting = new HashMap<>();
    private final Map<String, Map<Integer, Long>> acks = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private long moreFaults;
    private long arrivals;
    private long longest;

    /** A checker that takes what is older than some nanoseconds for lost. */
    Checker(long patience) {
        this.patience = patience;
    }

    synchronized void sent(String sender, Set<String> receivers, int number, boolean wantsAck, long now) {
        for (String receiver : receivers) {
            waiting.computeIfAbsent(new Path(sender, receiver), path -> new ArrayList<>())
                    .add(new Waiting(number, now));
        }
        if (wantsAck) {
            acks.computeIfAbsent(sender, s -> new HashMap<>()).put(number, now);
        }
    }

    synchronized void arrived(String sender, String receiver, int number, long now) {
        Path path = new Path(sender, receiver);
        List<Waiting> expected = waiting.getOrDefault(path, List.of());
        if (expected.isEmpty() || expected.get(0).number != number) {
            fault(path + " got " + number + " and not "
                    + (expected.isEmpty() ? "nothing" : Integer.toString(expected.get(0).number)));
            expected.removeIf(message -> message.number <= number);
            return;
        }
        took(path + " got " + number, expected.remove(0).at, now);
        arrivals++;
    }

    synchronized void acknowledged(String sender, int number, long now) {
        Long at = acks.getOrDefault(sender, Map.of()).remove(number);
        if (at == null) {
            fault(sender + " got an acknowledgement of " + number + " twice, or unasked");
        } else {
            took(sender + " got the acknowledgement of " + number, at, now);
        }
    }

    private void took(String what, long at, long now) {
        longest = Math.max(longest, now - at);
        if (now - at > patience) {
            fault(what + " after " + TimeUnit.NANOSECONDS.toMillis(now - at) + " ms");
        }
    }

    synchronized void fault(String fault) {
        if (faults.size() < MOST_FAULTS) {
            faults.add(fault);
        } else {
            moreFaults++;
        }
    }

    /** Whether all that was sent has arrived and is acknowledged. */
    synchronized boolean isSettled() {
        return waiting.values().stream().allMatch(List::isEmpty)
                && acks.values().stream().allMatch(Map::isEmpty);
    }

    /** The faults since the last call. What has not arrived is one of them, and no longer expected. */
    synchronized List<String> takeFaults() {
        waiting.forEach((path, messages) -> {
            if (!messages.isEmpty()) {
                fault(path + " lacks " + messages.size() + " from " + messages.get(0).number + " on");
            }
        });
        acks.forEach((sender, numbers) -> {
            if (!numbers.isEmpty()) {
                fault(sender + " lacks " + numbers.size() + " acknowledgements");
            }
        });
        waiting.clear();
        acks.clear();
        List<String> taken = new ArrayList<>(faults);
        if (moreFaults > 0) {
            taken.add("and " + moreFaults + " faults more");
        }
        faults.clear();
        moreFaults = 0;
        return taken;
    }

    synchronized long arrivals() {
        return arrivals;
    }

    /** The longest time in milliseconds since the last call. */
    synchronized long takeLongest() {
        long millis = TimeUnit.NANOSECONDS.toMillis(longest);
        longest = 0;
        return millis;
    }
}
