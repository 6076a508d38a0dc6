package com.example.loadtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * One thread with its share of the connections. All that belongs to them (parsers, checkers, publishers, the histogram) is
 * touched by this thread alone, so none of it is locked; others ask for something with {@link #ask}. Per message there is no
 * object, no clock reading (one per read will do) and no JSON parser: a generator that is slower than the server measures
 * itself.
 *
 * <p>When something is due within two milliseconds the thread does not sleep, since a selector's sleep is counted in whole
 * milliseconds; so an open loop takes a core of its own. With {@link Plan#awake} it never sleeps: else a server on the same
 * machine is charged for waking it, which may cost more than the delivery.
 */
final class Loop implements AutoCloseable {

    /** The longest latency that is told apart. */
    static final long LONGEST = 120_000_000_000L;

    private static final int READ_BYTES = 256 * 1024;
    private static final int OPENING = 100;
    private static final long SPIN_NANOS = 2_000_000;
    private static final long IDLE_MILLIS = 100;

    /**
     * What one loop has counted since it was asked last.
     *
     * @param idleNanos how long it was awake and found nothing to do
     */
    record Sample(long deliveries, long bytes, long idleNanos, Histogram latency) {}

    private final Plan plan;
    private final Faults faults;
    private final long origin;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> asked = new ConcurrentLinkedQueue<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<Schedule> schedules = new ArrayList<>();
    private final Queue<Runnable> toOpen = new ArrayDeque<>();
    private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] bytes = new byte[READ_BYTES];
    private final Outgoing outgoing = new Outgoing();
    private final Stamp stamp = new Stamp();
    private Histogram latency = newHistogram();
    private long deliveries;
    private long deliveredBytes;
    private long idleNanos;
    private long now;
    private long nextDue = Long.MAX_VALUE;
    private int opening;
    private volatile int opened;
    private volatile int lost;
    private volatile long roomsJoined;
    private volatile long roomsLeft;
    private volatile boolean ended;
    private volatile String end = "the loop has ended";

    /**
     * Starts the thread.
     *
     * @param origin the {@link System#nanoTime} from which all times of the run count
     */
    Loop(Plan plan, Faults faults, long origin, String name) throws IOException {
        this.plan = plan;
        this.faults = faults;
        this.origin = origin;
        this.selector = Selector.open();
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    static Histogram newHistogram() {
        return new Histogram(1, LONGEST, 3);
    }

    // For others.

    /** Has the loop's thread answer; after the end the answer is an exception. */
    <T> T ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        asked.add(() -> {
            try {
                answer.complete(question.get());
            } catch (RuntimeException | Error failed) {
                answer.completeExceptionally(failed);
            }
        });
        selector.wakeup();
        if (ended) {
            answer.completeExceptionally(new IllegalStateException(end));
        }
        return answer.join();
    }

    void tell(Runnable what) {
        ask(() -> {
            what.run();
            return true;
        });
    }

    int openedCount() {
        return opened;
    }

    int lostCount() {
        return lost;
    }

    /** Rooms that were joined and left by message, as the server has answered. */
    long roomsJoined() {
        return roomsJoined;
    }

    long roomsLeft() {
        return roomsLeft;
    }

    // For this thread.

    List<Client> clients() {
        return clients;
    }

    Outgoing outgoing() {
        return outgoing;
    }

    long now() {
        return now;
    }

    /** Adds a connection, and opens it when few others are being opened. */
    void open(Client client, InetSocketAddress server, InetSocketAddress source) {
        clients.add(client);
        toOpen.add(() -> client.connect(selector, plan.url(), server, source, plan.v1()));
    }

    void schedule(Schedule schedule) {
        schedules.add(schedule);
        nextDue = Math.min(nextDue, schedule.due());
    }

    void unschedule() {
        schedules.clear();
        nextDue = Long.MAX_VALUE;
    }

    Sample sample() {
        Sample sample = new Sample(deliveries, deliveredBytes, idleNanos, latency);
        deliveries = 0;
        deliveredBytes = 0;
        idleNanos = 0;
        latency = newHistogram();
        return sample;
    }

    void opened() {
        opened++;
        opening--;
    }

    void lost(Client client, boolean wasOpen, String reason) {
        faults.add(client.user() + ": " + reason);
        lost++;
        if (!wasOpen) {
            opening--;
        }
    }

    private void openMore() {
        while (opening < OPENING && !toOpen.isEmpty()) {
            opening++;
            toOpen.remove().run();
        }
    }

    /** Something was read: what comes of it happens now. */
    void tick() {
        now = System.nanoTime() - origin;
    }

    void message(Client client, byte[] frame, int from, int to) {
        switch (stamp.read(frame, from, to)) {
            case STAMPED -> stamped(client, to - from);
            case JOINED -> {
                roomsJoined++;
                client.joined();
            }
            case USER_JOINED -> client.joined();
            case LEFT -> roomsLeft++;
            case ERROR, GAP ->
                faults.add(client.user() + ": " + new String(frame, from, to - from, StandardCharsets.UTF_8));
            default -> {
                // Other traffic of the server.
            }
        }
    }

    private void stamped(Client client, int length) {
        if (!client.checker().received(stamp)) {
            return;
        }
        deliveries++;
        deliveredBytes += length;
        latency.recordValue(Math.max(0, Math.min(now - stamp.sentAt, LONGEST)));
        Publisher publisher = client.publisher();
        if (publisher != null && publisher.id() == stamp.publisher) {
            publisher.cameBack(now);
        }
    }

    private void run() {
        try {
            while (!ended) {
                for (Runnable next = asked.poll(); next != null; next = asked.poll()) {
                    next.run();
                }
                openMore();
                tick();
                runSchedules();
                long wait = nextDue - now;
                if (plan.awake() || wait < SPIN_NANOS) {
                    poll();
                } else {
                    selector.select(this::ready, Math.min(IDLE_MILLIS, wait / 1_000_000 - 1));
                }
            }
        } catch (IOException | RuntimeException broken) {
            end = "the generator failed: " + broken;
            faults.add(end);
        } finally {
            ended = true;
            clients.forEach(Client::cut);
            asked.forEach(Runnable::run);
        }
    }

    private void poll() throws IOException {
        if (selector.selectNow(this::ready) == 0) {
            long before = now;
            tick();
            idleNanos += now - before;
        }
    }

    private void ready(SelectionKey key) {
        if (key.isValid()) {
            ((Client) key.attachment()).ready(direct, bytes);
        }
        if (now >= nextDue) {
            runSchedules();
        }
    }

    private void runSchedules() {
        long next = Long.MAX_VALUE;
        for (Schedule schedule : schedules) {
            if (schedule.due() <= now) {
                schedule.run(now);
            }
            next = Math.min(next, schedule.due());
        }
        nextDue = next;
    }

    /** Ends the thread, and cuts what is still open. */
    @Override
    public void close() {
        ended = true;
        selector.wakeup();
        try {
            thread.join();
            selector.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
