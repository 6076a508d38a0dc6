package dev.roomcast;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps deliveries from nesting. Whoever runs foreign code, or a pass of a lane, does it as a turn; a lane that is to be
 * drained during a turn of the same thread waits until the turn has ended. So a publish from inside a handler or a delivery
 * only appends, and no stack grows with the number of rooms that answer each other.
 */
final class Turns {

    /** Of one hub, since a turn of one is none of another; taken off the thread when its turn ends. */
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<Deque<LiveRoom>> waiting = new ThreadLocal<>();

    /** Runs a task as a turn of this thread, then drains what it left behind. */
    void run(Runnable task) {
        if (waiting.get() != null) {
            task.run();
            return;
        }
        Deque<LiveRoom> left = new ArrayDeque<>(2);
        waiting.set(left);
        try {
            task.run();
            for (LiveRoom room = left.poll(); room != null; room = left.poll()) {
                room.drain();
            }
        } finally {
            waiting.remove();
        }
    }

    /** Whether this thread is in a turn. */
    boolean isOn() {
        return waiting.get() != null;
    }

    /** Drains a room: now, or when the turn of this thread has ended. */
    void drain(LiveRoom room) {
        Deque<LiveRoom> left = waiting.get();
        if (left == null) {
            run(room::drain);
        } else if (left.peekLast() != room) {
            left.add(room);
        }
    }
}
