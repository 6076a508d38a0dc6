package dev.roomcast.redis;

import dev.roomcast.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** A thread for each instance, which sends to one room after the other and keeps a number of messages under way. */
final class Publishers {

    /** Sends the n-th message of a publisher in a room. */
    interface Sender {
        void send(int publisher, int room, long n);
    }

    /** Of each publisher, how many went to each room. */
    final long[][] sent;

    final LongAdder refused = new LongAdder();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    Publishers(int count, int rooms) {
        sent = new long[count][rooms];
    }

    /** Begins; done says how many of a publisher's messages are not under way any more. */
    void start(int inFlight, List<LongSupplier> done, Sender sender) {
        for (int p = 0; p < sent.length; p++) {
            int publisher = p;
            LongSupplier ended = done.get(p);
            Thread thread = new Thread(() -> run(publisher, inFlight, ended, sender), "publisher-" + p);
            thread.start();
            threads.add(thread);
        }
    }

    private void run(int publisher, int inFlight, LongSupplier done, Sender sender) {
        long[] numbers = sent[publisher];
        long total = 0;
        long free = 0;
        for (long i = 0; !stopped; i++) {
            while (free == 0 && !stopped) {
                free = inFlight - (total - done.getAsLong());
                if (free <= 0) {
                    free = 0;
                    LockSupport.parkNanos(100_000);
                }
            }
            int room = (int) (i % numbers.length);
            sender.send(publisher, room, numbers[room]++);
            total++;
            free--;
        }
    }

    /** Ends, and waits until all that was sent has arrived; false if it does not. */
    boolean stop(List<LongSupplier> arrived) throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
        long all = 0;
        for (long[] rooms : sent) {
            for (long each : rooms) {
                all += each;
            }
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        for (LongSupplier each : arrived) {
            while (each.getAsLong() < all) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
                Thread.sleep(5);
            }
        }
        return true;
    }

    static Message message(int publisher, int room, long n) {
        return Message.of(Message.CHAT, Arrivals.content(publisher, n)).in(Arrivals.room(room), n);
    }
}
