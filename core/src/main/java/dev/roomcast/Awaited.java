package dev.roomcast;

import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The users of one room whose connection was lost while the roster could not be told, until their grace is over. The grace of
 * all is the same, so one timer is enough: for the first. Not thread-safe: it belongs to the room's lane.
 */
final class Awaited {

    /** Since when, in ns of the clock. */
    private record Lost(String userId, long since, long grace) {

        long left(long now) {
            return grace - (now - since);
        }
    }

    private final Time time;
    private final Runnable onOver;

    /** Mostly nobody. */
    private @Nullable Queue<Lost> lost;

    /** {@code onOver} is called by the timer's thread, when it is time for {@link #over}. */
    Awaited(Time time, Runnable onOver) {
        this.time = time;
        this.onOver = onOver;
    }

    void add(String userId, Duration grace) {
        Queue<Lost> all = lost;
        if (all == null) {
            all = new ArrayDeque<>(4);
            lost = all;
            time.after(grace, onOver);
        }
        all.add(new Lost(userId, time.nanos(), TimeUnit.NANOSECONDS.convert(grace)));
    }

    /** Those who have been waited for, in the order in which they were lost. */
    List<String> over() {
        List<String> over = new ArrayList<>();
        Queue<Lost> all = lost;
        long now = time.nanos();
        while (all != null && !all.isEmpty() && all.element().left(now) <= 0) {
            over.add(all.remove().userId);
        }
        if (all != null && !all.isEmpty()) {
            time.after(Duration.ofNanos(all.element().left(now)), onOver);
        } else {
            lost = null;
        }
        return over;
    }
}
