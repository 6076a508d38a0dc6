package dev.roomcast.redis;

import static dev.roomcast.testkit.ClientAssert.assertThat;
import static org.awaitility.Awaitility.await;

import dev.roomcast.Rooms;
import dev.roomcast.Status;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Account.Gap;
import dev.roomcast.redis.Account.Witness;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import dev.roomcast.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Several hubs in one JVM on one Redis, with clients in some rooms and threads that publish as fast as they are answered.
 * Keeps an account of what was acknowledged, what was refused, and what each client was shown.
 */
final class Instances implements AutoCloseable {

    static final List<String> ROOMS = List.of("red", "green ü/%", "blue");
    private static final int CLIENTS_PER_ROOM = 2;
    private static final int IN_FLIGHT = 64;

    /** What a publisher does between two pauses of a millisecond: what is shown is kept, so it must not become too much. */
    private static final int AT_ONCE = 2;

    /** Faults are found soon; nobody is taken for dead, however busy the machine is. */
    static final Timing QUICK = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofMillis(300),
            Duration.ofMinutes(1),
            Duration.ofSeconds(1));

    /** A client, and where it is. */
    record Member(String user, String room, FakeClient client, Witness witness) {}

    final List<Member> members = new ArrayList<>();
    final Account account = new Account(ROOMS.size());

    /** Where the rooms stood at the end. */
    private final List<Position> tops = new ArrayList<>();

    private final List<RedisBridge> bridges = new ArrayList<>();
    private final List<Rooms> hubs = new ArrayList<>();
    private final List<Thread> publishers = new ArrayList<>();
    private volatile boolean publishing;
    private final AtomicInteger broken = new AtomicInteger();

    Instances(RedisServer redis, int count, HistoryLimits history) {
        this(Collections.nCopies(count, redis.uri()), history, QUICK);
    }

    /** One instance for each way to Redis. */
    Instances(List<String> uris, HistoryLimits history, Timing timing) {
        this(uris, history, timing, WhileAway.WAIT);
    }

    Instances(List<String> uris, HistoryLimits history, Timing timing, WhileAway whileAway) {
        for (int i = 0; i < uris.size(); i++) {
            RedisBridge bridge = RedisBridge.builder(uris.get(i))
                    .timing(timing)
                    .whileAway(whileAway)
                    .build();
            bridges.add(bridge);
            hubs.add(Rooms.builder().bridge(bridge).history(history).build());
            for (String room : ROOMS) {
                for (int c = 0; c < CLIENTS_PER_ROOM; c++) {
                    String user = user(i, c);
                    FakeClient client = FakeClient.connect(hubs.get(i), user, room);
                    client.last("joined");
                    Witness witness = account.witness(user + " in " + room, ROOMS.indexOf(room), null);
                    members.add(new Member(user, room, client, witness));
                }
            }
        }
    }

    private static String user(int instance, int client) {
        return "user-" + instance + "-" + client;
    }

    /** What all clients together were told to be missing. */
    List<Gap> gaps() {
        return members.stream()
                .flatMap(member -> member.client.frames("gap").stream())
                .map(Instances::gap)
                .toList();
    }

    /** Where what a member got does not follow, frame by frame, from what it got before. */
    List<String> trailFaults() {
        List<String> faults = new ArrayList<>();
        for (Member member : members) {
            Trail.faults(member.client, null, tops.get(ROOMS.indexOf(member.room)))
                    .forEach(fault -> faults.add(member.witness + ": " + fault));
        }
        return faults;
    }

    /** How many messages were acknowledged by an instance on its own. */
    long saidAlone() {
        return IntStream.range(0, account.acknowledgedCount())
                .filter(i -> account.isOwn(account.acknowledgedAt.get(i)))
                .count();
    }

    /** Publishes on all instances until told to stop. */
    void startPublishing() {
        publishing = true;
        for (int i = 0; i < hubs.size(); i++) {
            int instance = i;
            Thread publisher = new Thread(() -> publish(instance), "publisher-" + i);
            publisher.start();
            publishers.add(publisher);
        }
    }

    /** Waits until so many more messages were acknowledged, however slow the machine is. */
    void work(int messages) {
        int enough = account.acknowledgedCount() + messages;
        await().atMost(40, TimeUnit.SECONDS).until(() -> account.acknowledgedCount() >= enough);
    }

    /** Waits until all instances have given up their connections. */
    void awaitIsolation() {
        await().until(() ->
                bridges.stream().noneMatch(bridge -> bridge.engine().leases.hasSession()));
    }

    /** Stops, waits until the last messages have reached everyone, and closes the account. */
    void stopPublishing() throws InterruptedException {
        publishing = false;
        for (Thread publisher : publishers) {
            publisher.join(TimeUnit.SECONDS.toMillis(30));
        }
        if (broken.get() > 0) {
            throw new AssertionError("a publisher failed");
        }
        await().atMost(20, TimeUnit.SECONDS)
                .until(() -> hubs.stream().allMatch(hub -> hub.status() == Status.CONNECTED));
        for (int i = 0; i < ROOMS.size(); i++) {
            String room = ROOMS.get(i);
            String end = Account.END + "-" + i;
            Position position = hubs.get(0)
                    .room(room)
                    .publish(Message.chat(end))
                    .toCompletableFuture()
                    .join();
            account.acknowledged(end, position);
            tops.add(position);
            for (Member member : members) {
                if (member.room.equals(room)) {
                    await().atMost(20, TimeUnit.SECONDS)
                            .until(() -> member.client.frames("chat").stream()
                                    .anyMatch(frame -> frame.text("content").equals(end)));
                    assertThat(member.client).isOpen();
                    fill(member);
                }
            }
        }
    }

    /** Waits until everyone is told, when asking, that exactly those are there who are. */
    void awaitMembers() {
        for (Member member : members) {
            Set<String> truth = members.stream()
                    .filter(other -> other.room.equals(member.room))
                    .map(Member::user)
                    .collect(Collectors.toCollection(TreeSet::new));
            await().atMost(20, TimeUnit.SECONDS).until(() -> ask(member), truth::equals);
        }
    }

    /** How often any client was told that someone has left, visitors aside. */
    long farewells() {
        return members.stream()
                .flatMap(member -> member.client.frames("user_left").stream())
                .filter(frame -> !frame.text("userId").equals("visitor"))
                .count();
    }

    /** Someone comes to a room, on the first instance, is told that everyone is there, and goes. */
    void visit(String room) {
        FakeClient visitor = FakeClient.connect(hubs.get(0), "visitor", room);
        visitor.last("joined");
        visitor.closes();
    }

    /** The last client in a room leaves it. */
    void closeOneOf(String room) {
        Member last = members.stream()
                .filter(member -> member.room.equals(room))
                .reduce((one, next) -> next)
                .orElseThrow();
        last.client.closes();
        members.remove(last);
    }

    private static Set<String> ask(Member member) {
        int before = member.client.frames("members").size();
        member.client.sends("{\"type\":\"members\"}");
        member.client.await("members", now -> now.frames("members").size() > before);
        Set<String> users = new TreeSet<>();
        for (Object one : (List<?>) member.client.last("members").get("members")) {
            users.add(String.valueOf(((Map<?, ?>) one).get("userId")));
        }
        return users;
    }

    private static void fill(Member member) {
        for (Received frame : member.client.frames()) {
            if (frame.type().equals("chat")) {
                member.witness.shown(frame.text("content"), new Position(frame.text("epoch"), frame.number("offset")));
            } else if (frame.type().equals("gap")) {
                member.witness.told(gap(frame));
            }
        }
    }

    /** What a {@code gap} says. */
    static Gap gap(Received frame) {
        Map<?, ?> lost = (Map<?, ?>) frame.get("lost");
        return new Gap(
                new Position((String) lost.get("epoch"), ((Number) lost.get("after")).longValue()),
                new Position(frame.text("epoch"), frame.number("offset")));
    }

    private void publish(int instance) {
        Semaphore free = new Semaphore(IN_FLIGHT);
        try {
            for (int n = 0; publishing; n++) {
                free.acquire();
                if (n % AT_ONCE == 0) {
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                String content = instance + "-" + n;
                Message message = Message.chat(content).from("user-" + instance);
                hubs.get(instance)
                        .room(ROOMS.get(n % ROOMS.size()))
                        .publish(n % 4 == 0 ? message.id(content) : message)
                        .whenComplete((position, failure) -> {
                            note(content, position, failure);
                            free.release();
                        });
            }
            if (!free.tryAcquire(IN_FLIGHT, 20, TimeUnit.SECONDS)) {
                throw new AssertionError("a message was neither acknowledged nor refused");
            }
        } catch (InterruptedException | RuntimeException | AssertionError e) {
            broken.incrementAndGet();
            throw new IllegalStateException("a publisher failed", e);
        }
    }

    private void note(String content, Position position, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause == null) {
            account.acknowledged(content, position);
        } else if (cause instanceof BridgeException refusal
                && refusal.reason() == BridgeException.Reason.TOO_MANY_IDS) {
            account.refused(content);
        } else {
            account.unavailable();
        }
    }

    @Override
    public void close() {
        publishing = false;
        publishers.forEach(Thread::interrupt);
        hubs.forEach(Rooms::close);
    }
}
