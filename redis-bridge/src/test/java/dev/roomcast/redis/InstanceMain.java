package dev.roomcast.redis;

import dev.roomcast.Rooms;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import dev.roomcast.transport.Transport;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An instance in a process of its own: a hub with a Redis bridge, some members, and a publisher. It obeys the lines of its
 * input and ends with it; each thing that it sees is a line of its output, written at once, so that nothing is forgotten
 * when it is killed. {@link InstanceProcess} is the other end.
 */
final class InstanceMain {

    /** Short, and yet a machine that is busy must not miss a lease. */
    static final Timing TIMING = new Timing(
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofMillis(500),
            Duration.ofSeconds(4),
            Duration.ofSeconds(1));

    private static final int IN_FLIGHT = 64;
    private static final int WRITERS = 16;

    private final int number;
    private final RedisBridge bridge;
    private final Rooms hub;
    private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private volatile int perSecond;

    private InstanceMain(String uri, int number, int history) {
        this.number = number;
        bridge = RedisBridge.builder(uri).timing(TIMING).build();
        hub = Rooms.builder()
                .bridge(bridge)
                .history(new HistoryLimits(history, Duration.ofMinutes(5), 1 << 30))
                .build();
    }

    /** Arguments: where Redis is, the instance's number, messages of history. */
    public static void main(String[] args) throws IOException {
        InstanceMain instance = new InstanceMain(args[0], Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        Thread publisher = new Thread(instance::publish, "publisher");
        publisher.setDaemon(true);
        publisher.start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            instance.obey(line.split(" "));
        }
        Runtime.getRuntime().halt(0);
    }

    private void obey(String[] words) {
        switch (words[0]) {
            case "join" -> join(words[1], Integer.parseInt(words[2]));
            case "leave" -> leave(words[1] + ' ' + words[2]);
            case "publish" -> perSecond = Integer.parseInt(words[1]);
            case "end" -> publish(Account.END + "-" + words[1], Integer.parseInt(words[1]), null, () -> {});
            case "ask" -> members.values().forEach(Member::ask);
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private void join(String user, int room) {
        Member member = new Member(user, room);
        if (members.putIfAbsent(user + ' ' + room, member) != null) {
            // Asked for again because it takes so long; a second connection of this user would be another member.
            return;
        }
        member.inbound = hub.accept(
                Handshake.builder()
                        .parameter("user", user)
                        .parameter("room", Instances.ROOMS.get(room))
                        .build(),
                member);
    }

    private void leave(String name) {
        Member member = members.remove(name);
        if (member != null) {
            member.end();
        }
    }

    /** For ever, in portions of ten milliseconds. */
    private void publish() {
        Semaphore free = new Semaphore(IN_FLIGHT);
        double due = 0;
        boolean isIdle = false;
        long renewals = 0;
        try {
            for (int n = 0; ; ) {
                TimeUnit.MILLISECONDS.sleep(10);
                if (renewals != bridge.engine().leases.renewals()) {
                    renewals++;
                    say("D");
                }
                for (due = Math.min(due + perSecond / 100.0, 100); due >= 1 && perSecond > 0; due--) {
                    free.acquire();
                    String content = number + "-" + n;
                    publish(content, n % Instances.ROOMS.size(), n % 4 == 0 ? content : null, free::release);
                    n++;
                }
                boolean wasIdle = isIdle;
                isIdle = perSecond == 0 && free.availablePermits() == IN_FLIGHT;
                if (isIdle && !wasIdle) {
                    due = 0;
                    say("I");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void publish(String content, int room, @Nullable String id, Runnable done) {
        Message message = Message.chat(content).from("writer-" + number + "-" + content.hashCode() % WRITERS);
        hub.room(Instances.ROOMS.get(room))
                .publish(id == null ? message : message.id(id))
                .whenComplete((position, failure) -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    if (cause == null) {
                        say("A", content, position.epoch(), position.offset());
                    } else {
                        boolean tooMany = cause instanceof BridgeException refusal
                                && refusal.reason() == BridgeException.Reason.TOO_MANY_IDS;
                        say(tooMany ? "R" : "U", content);
                    }
                    done.run();
                });
    }

    private void say(Object... words) {
        String line = List.of(words).stream().map(String::valueOf).collect(Collectors.joining(" ", "", "\n"));
        synchronized (out) {
            try {
                out.write(line.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A client without a network that reads at once. */
    private final class Member implements Transport {

        private final String user;
        private final int room;
        private volatile @Nullable Inbound inbound;

        Member(String user, int room) {
            this.user = user;
            this.room = room;
        }

        void ask() {
            inbound().text("{\"type\":\"members\"}");
        }

        void end() {
            inbound().closed(1000);
        }

        @Override
        public void write(FrameBatch batch, Completion completion) {
            batch.frames().stream().flatMap(frame -> frame.text().lines()).forEach(this::came);
            completion.done(null);
        }

        private void came(String json) {
            Map<?, ?> frame = Objects.requireNonNull(Content.ofJson(json).as(Map.class));
            switch (String.valueOf(frame.get("type"))) {
                case "joined" -> say("J", user, room, frame.get("epoch"), frame.get("offset"));
                case "chat" -> say("S", user, room, frame.get("content"), frame.get("epoch"), frame.get("offset"));
                case "gap" -> {
                    Map<?, ?> lost = Objects.requireNonNull((Map<?, ?>) frame.get("lost"));
                    say("G", user, room, lost.get("epoch"), lost.get("after"), frame.get("epoch"), frame.get("offset"));
                }
                case "user_joined" -> say("+", user, room, frame.get("userId"));
                case "user_left" -> say("-", user, room, frame.get("userId"));
                case "members" -> say("M", user, room, users(frame));
                default -> {}
            }
        }

        private static String users(Map<?, ?> frame) {
            return ((List<?>) Objects.requireNonNull(frame.get("members")))
                    .stream()
                            .map(one -> String.valueOf(((Map<?, ?>) one).get("userId")))
                            .sorted()
                            .collect(Collectors.joining(","));
        }

        @Override
        public void ping(Completion completion) {
            completion.done(null);
            Inbound way = inbound;
            if (way != null) {
                way.pong();
            }
        }

        @Override
        public void close(int code, String reason) {
            gone(code);
        }

        @Override
        public void abort() {
            gone(1006);
        }

        private void gone(int code) {
            say("X", user, room, code);
            members.remove(user + ' ' + room, this);
            inbound().closed(code);
        }

        private Inbound inbound() {
            return Objects.requireNonNull(inbound, "not connected yet");
        }
    }
}
