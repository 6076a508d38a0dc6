package dev.roomcast.redis;

import dev.roomcast.log.FaultLog;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done when graces are over, by the hub's clock. Ten thousand connections that are lost at once must not become
 * ten thousand timers, nor as many looks at one room: one timer runs, for what is due first, and a room is looked at once for
 * all whose grace ends until then. Holds at most one entry for each connection that was lost. Safe for use by any thread.
 */
final class Graces {

    private static final FaultLog FAULTS = new FaultLog(System.getLogger("dev.roomcast.redis"));
    private static final long LONGEST = Long.MAX_VALUE / 4;

    /** At a moment of the clock, counted from the beginning of this object; equal ones in the order in which they came. */
    private record Due(long at, long number, Runnable task) implements Comparable<Due> {

        @Override
        public int compareTo(Due other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    private final Time time;
    private final long begin;

    private final ReentrantLock lock = new ReentrantLock();
    // All below: guarded by lock.
    private final PriorityQueue<Due> waiting = new PriorityQueue<>();
    private final Map<String, Due> looks = new HashMap<>();
    private Time.@Nullable Timer timer;
    private long count;

    Graces(Time time) {
        this.time = time;
        this.begin = time.nanos();
    }

    /** The moment, for a grace that begins now. */
    long now() {
        return time.nanos() - begin;
    }

    /** Does something when a grace is over that began at a moment; at once if it is over by now. */
    void after(Duration grace, long since, Runnable task) {
        lock.lock();
        try {
            add(grace.minusNanos(now() - since), task);
        } finally {
            lock.unlock();
        }
    }

    /** The same for a look at a room; without effect if one comes until then that was asked for before. */
    void look(String room, Duration grace, Runnable look) {
        lock.lock();
        try {
            Due known = looks.get(room);
            if (known == null || at(grace) < known.at) {
                long number = count;
                looks.put(room, add(grace, () -> {
                    looked(room, number);
                    look.run();
                }));
            }
        } finally {
            lock.unlock();
        }
    }

    private void looked(String room, long number) {
        lock.lock();
        try {
            looks.computeIfPresent(room, (name, due) -> due.number == number ? null : due);
        } finally {
            lock.unlock();
        }
    }

    private Due add(Duration grace, Runnable task) {
        Due due = new Due(at(grace), count++, task);
        waiting.add(due);
        if (waiting.element().equals(due)) {
            wake();
        }
        return due;
    }

    private long at(Duration grace) {
        return now() + Math.min(TimeUnit.NANOSECONDS.convert(grace), LONGEST);
    }

    private void wake() {
        if (timer != null) {
            timer.cancel();
        }
        Due first = waiting.peek();
        timer = first == null ? null : time.after(Duration.ofNanos(first.at - now()), this::over);
    }

    private void over() {
        List<Runnable> tasks = new ArrayList<>();
        lock.lock();
        try {
            timer = null;
            long now = now();
            while (!waiting.isEmpty() && waiting.element().at <= now) {
                tasks.add(waiting.remove().task);
            }
            wake();
        } finally {
            lock.unlock();
        }
        tasks.forEach(Graces::run);
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            FAULTS.hostFault(System.Logger.Level.ERROR, "The end of a grace failed", null, e);
        }
    }
}
