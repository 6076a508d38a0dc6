package com.example.loadtest;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * All connections of a run, on their loops: opens them, lets the publishers begin and stop, and asks at the end whether
 * everyone got everything. Its methods are for one thread, which is none of the loops'.
 */
final class Crowd implements AutoCloseable {

    private static final Duration NO_PROGRESS = Duration.ofSeconds(20);
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Duration LONGEST_END = Duration.ofSeconds(60);
    private static final Duration GOODBYE = Duration.ofSeconds(3);
    private static final long POLL_MILLIS = 20;

    private final Plan plan;
    private final Faults faults = new Faults();
    private final long origin = System.nanoTime();
    private final List<Loop> loops = new ArrayList<>();
    private final Map<Integer, Publisher> publishers = new HashMap<>();

    private Crowd(Plan plan) throws IOException {
        this.plan = plan;
        for (int i = 0; i < plan.threads(); i++) {
            loops.add(new Loop(plan, faults, origin, "load-" + i));
        }
    }

    /**
     * Opens all connections and waits until each is a member of its room.
     *
     * @param progress is told now and then how many are
     * @throws IOException if they do not all come in
     */
    static Crowd open(Plan plan, Consumer<String> progress) throws IOException, InterruptedException {
        Crowd crowd = new Crowd(plan);
        try {
            crowd.openAll(progress);
            return crowd;
        } catch (IOException | InterruptedException | RuntimeException failed) {
            crowd.close();
            throw failed;
        }
    }

    private void openAll(Consumer<String> progress) throws IOException, InterruptedException {
        String run = Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36, 36 * 36 * 36), 36);
        for (Loop loop : loops) {
            int share = loops.indexOf(loop);
            loop.tell(() -> {
                for (int i = share; i < plan.connections(); i += loops.size()) {
                    add(loop, run, i);
                }
            });
        }
        int before = -1;
        long since = System.nanoTime();
        for (int open = opened(); open + lost() < plan.connections(); open = opened()) {
            if (open != before) {
                before = open;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > NO_PROGRESS.toNanos()) {
                break;
            }
            progress.accept("%,d of %,d connections are in".formatted(open, plan.connections()));
            Thread.sleep(POLL_MILLIS);
        }
        if (opened() - lost() < plan.connections()) {
            String why = faults.count() > 0
                    ? String.join("; ", faults.first().stream().limit(3).toList())
                    : "each waits for a joined or user_joined, and no more of these came for %d s"
                            .formatted(NO_PROGRESS.toSeconds());
            throw new IOException(
                    "only %,d of %,d connections came in: %s".formatted(opened(), plan.connections(), why));
        }
    }

    /** The first connections of each room are its publishers. */
    private void add(Loop loop, String run, int index) {
        int room = index % plan.rooms();
        int place = index / plan.rooms();
        String user = "u" + index;
        Checker checker = new Checker(user, room * plan.publishers(), plan.publishers(), faults);
        Client client = new Client(loop, user, run + "-" + room, checker);
        if (place < plan.publishers()) {
            Publisher publisher = new Publisher(room * plan.publishers() + place, client, plan.bytes());
            client.publisher(publisher);
            synchronized (publishers) {
                publishers.put(publisher.id(), publisher);
            }
        }
        loop.open(client, plan.server(), source(index));
    }

    /** One address has only so many ports: a big crowd comes from several, which loopback has. */
    private InetSocketAddress source(int index) {
        boolean many = plan.connections() > Plan.CONNECTIONS_PER_ADDRESS
                && plan.server().getAddress().isLoopbackAddress();
        return many ? new InetSocketAddress("127.0.0." + (2 + index / Plan.CONNECTIONS_PER_ADDRESS), 0) : null;
    }

    int opened() {
        return loops.stream().mapToInt(Loop::openedCount).sum();
    }

    int lost() {
        return loops.stream().mapToInt(Loop::lostCount).sum();
    }

    long sum(ToLongFunction<Loop> of) {
        return loops.stream().mapToLong(of).sum();
    }

    List<Loop> loops() {
        return loops;
    }

    Faults faults() {
        return faults;
    }

    boolean agreedV1() {
        Loop loop = loops.get(0);
        return loop.ask(() -> loop.clients().get(0).speaksV1());
    }

    void startPublishing() {
        for (Loop loop : loops) {
            loop.tell(() -> {
                List<Publisher> ours = publishersOf(loop);
                if (plan.rate() == 0) {
                    ours.forEach(publisher -> publisher.keepInFlight(plan.inFlight(), System.nanoTime() - origin));
                } else if (!ours.isEmpty()) {
                    double share = plan.rate() * ours.size() / (plan.rooms() * plan.publishers());
                    loop.schedule(new OpenLoop(ours, System.nanoTime() - origin, share));
                }
            });
        }
    }

    private static List<Publisher> publishersOf(Loop loop) {
        return loop.clients().stream()
                .map(Client::publisher)
                .filter(publisher -> publisher != null)
                .toList();
    }

    /** What was delivered since it was asked last. */
    Loop.Sample sample() {
        Loop.Sample sum = new Loop.Sample(0, 0, 0, Loop.newHistogram());
        for (Loop loop : loops) {
            Loop.Sample one = loop.ask(loop::sample);
            sum.latency().add(one.latency());
            sum = new Loop.Sample(
                    sum.deliveries() + one.deliveries(),
                    sum.bytes() + one.bytes(),
                    sum.idleNanos() + one.idleNanos(),
                    sum.latency());
        }
        return sum;
    }

    void stopPublishing() {
        for (Loop loop : loops) {
            loop.tell(() -> {
                loop.unschedule();
                publishersOf(loop).forEach(Publisher::stop);
            });
        }
    }

    /** Waits for what is still on the way, as long as something comes, and then holds it against what was sent. */
    void checkEnd() throws InterruptedException {
        long begin = System.nanoTime();
        long heard = begin;
        while (outstanding()
                && System.nanoTime() - heard < SILENCE.toNanos()
                && System.nanoTime() - begin < LONGEST_END.toNanos()) {
            Thread.sleep(POLL_MILLIS);
            heard = sample().deliveries() > 0 ? System.nanoTime() : heard;
        }
        Map<String, Long> orderOfRoom = new HashMap<>();
        long before = faults.count();
        for (Loop loop : loops) {
            loop.tell(() -> loop.clients().forEach(this::assertEnd));
        }
        if (faults.count() > before) {
            return;
        }
        for (Loop loop : loops) {
            loop.tell(() -> loop.clients().forEach(client -> {
                long order = client.checker().order();
                if (orderOfRoom.computeIfAbsent(client.room(), room -> order) != order) {
                    faults.add(
                            client.user() + ": order: saw the messages of its publishers in another order than others");
                }
            }));
        }
    }

    private boolean outstanding() {
        return loops.stream()
                .anyMatch(loop -> loop.ask(() -> loop.clients().stream().anyMatch(this::waits)));
    }

    private boolean waits(Client client) {
        return client.open()
                && publishersOf(client).anyMatch(one -> client.checker().last(one.id()) != one.sent());
    }

    private void assertEnd(Client client) {
        if (client.open()) {
            publishersOf(client).forEach(one -> client.checker().assertEnd(one.id(), one.sent()));
        }
    }

    private Stream<Publisher> publishersOf(Client client) {
        return client.checker().publishers().mapToObj(publishers::get);
    }

    /** Says goodbye, waits a little for the server to do so, and cuts what is left. */
    @Override
    public void close() {
        try {
            loops.forEach(loop -> loop.tell(() -> loop.clients().forEach(Client::close)));
            long deadline = System.nanoTime() + GOODBYE.toNanos();
            while (System.nanoTime() < deadline
                    && !loops.stream()
                            .allMatch(loop ->
                                    loop.ask(() -> loop.clients().stream().allMatch(Client::closed)))) {
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            loops.forEach(Loop::close);
        }
    }
}
