package com.example.siege;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server with healthy clients, which stands one turn after the other until one of them has done harm. */
final class Siege implements AutoCloseable {

    private static final long NEWCOMER_SECONDS = 5;

    /** While attackers keep both cores busy. */
    private static final long NEWCOMER_SECONDS_UNDER_ATTACK = 10;

    private static final long CALM_SECONDS = 30;
    private static final long HEAP_TOLERANCE = 40L << 20;

    /** What the hub may spend on purpose, such as on history, which stays for five minutes: a third of the heap. */
    private static final long HEAP_KEPT = ServerProcess.MAX_HEAP / 3;

    /** Pools keep some of the threads that an attack made them start. */
    private static final long THREADS_TOLERANCE = 32;

    private static final long LOG_BYTES = 64 * 1024;
    private static final long LOG_BYTES_PER_SECOND = 8 * 1024;

    private final ServerProcess server;
    private final HealthyGroup healthy;
    private final long heapAtStart;
    private final long selectorsAtStart;
    private final long threadsAtStart;
    private final Newcomer.Line newcomers;

    Siege(Path log) throws IOException, InterruptedException {
        server = new ServerProcess(log);
        try {
            newcomers = new Newcomer.Line(server.address());
            healthy = new HealthyGroup(server.address());
            Waits.until(10, () -> healthy.arrivals() > 100);
            heapAtStart = server.usedHeap();
            selectorsAtStart = server.selectorThreads();
            threadsAtStart = server.threads();
        } catch (IOException | InterruptedException failed) {
            server.close();
            throw failed;
        }
    }

    /** What a turn was like. */
    record Outcome(List<String> faults, String summary) {}

    Outcome stand(Turn turn, long seconds) throws IOException, InterruptedException {
        List<String> faults = new ArrayList<>();
        long logAtStart = server.logLength();
        long arrivalsAtStart = healthy.arrivals();
        long attackers;
        try (Crowd crowd = turn.attack(server.address())) {
            endure(seconds, faults);
            attackers = crowd.opened();
        }
        faults.addAll(healthy.settle());
        addIfFault(faults, newcomer(NEWCOMER_SECONDS));
        long heap = calmHeap(faults);
        long threads = calmThreads(faults);
        checkLog(logAtStart, seconds, faults);
        return new Outcome(
                faults,
                "%s: %d s, %d connections opened, %d deliveries to healthy clients, slowest %d ms, heap %d MB, %d threads, log %d bytes"
                        .formatted(
                                turn,
                                seconds,
                                attackers,
                                healthy.arrivals() - arrivalsAtStart,
                                healthy.takeLongest(),
                                heap >> 20,
                                threads,
                                server.logLength() - logAtStart));
    }

    /** Lets newcomers in while the attack lasts. A server that is dead ends the turn. */
    private void endure(long seconds, List<String> faults) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() - end < 0) {
            TimeUnit.SECONDS.sleep(1);
            String fault = newcomer(NEWCOMER_SECONDS_UNDER_ATTACK);
            if (fault != null) {
                faults.add(fault + " (under attack)");
                return;
            }
        }
    }

    private @Nullable String newcomer(long seconds) {
        return newcomers.next(seconds);
    }

    /** The heap in use, after the server has had time to forget the attackers. */
    private long calmHeap(List<String> faults) throws InterruptedException {
        long bound = heapAtStart + HEAP_KEPT + HEAP_TOLERANCE;
        long[] heap = {-1};
        if (!Waits.until(CALM_SECONDS, () -> {
            heap[0] = server.usedHeap();
            return (heap[0] >= 0 && heap[0] < bound) || !server.isAlive();
        })) {
            faults.add("the heap holds " + (heap[0] >> 20) + " MB, and at the start " + (heapAtStart >> 20));
        }
        return heap[0];
    }

    /** The threads, after pools have had time to shrink. */
    private long calmThreads(List<String> faults) throws InterruptedException {
        long selectors = server.selectorThreads();
        if (selectors != selectorsAtStart) {
            faults.add("of " + selectorsAtStart + " threads that select sockets " + selectors + " are left");
        }
        long[] threads = {-1};
        if (!Waits.until(CALM_SECONDS, () -> {
            threads[0] = server.threads();
            return (threads[0] >= 0 && threads[0] <= threadsAtStart + THREADS_TOLERANCE) || !server.isAlive();
        })) {
            faults.add("there are " + threads[0] + " threads, and at the start " + threadsAtStart);
        }
        return threads[0];
    }

    private void checkLog(long from, long seconds, List<String> faults) {
        long bytes = server.logLength() - from;
        if (bytes > LOG_BYTES + seconds * LOG_BYTES_PER_SECOND) {
            faults.add("the log grew by " + bytes + " bytes in " + seconds + " s");
        }
        List<String> lines = server.logFrom(from);
        for (String bad : List.of("OutOfMemoryError", "StackOverflowError", "Exception in thread")) {
            lines.stream()
                    .filter(line -> line.contains(bad))
                    .findFirst()
                    .ifPresent(line -> faults.add("the log says: " + line));
        }
        lines.stream()
                .filter(line -> line.startsWith(HandlerFaults.FORGED))
                .findFirst()
                .ifPresent(line -> faults.add("a client wrote a line of the log: " + line));
        if (!server.isAlive()) {
            faults.add("the server has ended");
        }
    }

    private static void addIfFault(List<String> faults, @Nullable String fault) {
        if (fault != null) {
            faults.add(fault);
        }
    }

    /** Ends the server as a supervisor does. Returns null if it went as told; otherwise what it did. */
    @Nullable
    String end() throws InterruptedException {
        healthy.leave();
        return server.faultOfTermination();
    }

    @Override
    public void close() {
        try {
            healthy.close();
        } finally {
            server.close();
        }
    }
}
