package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;

import dev.roomcast.message.Position;
import dev.roomcast.redis.Account.Gap;
import dev.roomcast.redis.Account.Witness;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Another JVM with one instance in it, which can be killed and frozen. What it tells is entered into the account as it
 * comes. It ends with this JVM.
 */
final class InstanceProcess implements AutoCloseable {

    private static final Duration TRY_AGAIN = Duration.ofSeconds(20);
    private static final Set<Process> LIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> LIVE.forEach(Process::destroyForcibly)));
    }

    /** What one member was shown, and what it was told of others. */
    static final class Member {
        final String user;
        final int room;
        final Witness witness;
        private final List<String> presence = new ArrayList<>();
        private @Nullable String lastAnswer;
        private boolean wasClosed;

        Member(String user, int room, Witness witness) {
            this.user = user;
            this.room = room;
            this.witness = witness;
        }

        /** What was told so far of one user: {@code +} for each coming, {@code -} for each going. */
        String toldOf(String someone) {
            synchronized (presence) {
                StringBuilder told = new StringBuilder();
                presence.stream()
                        .filter(what -> what.substring(1).equals(someone))
                        .forEach(what -> told.append(what.charAt(0)));
                return told.toString();
            }
        }

        @Override
        public String toString() {
            return witness.toString();
        }
    }

    private final int number;
    private final Account account;
    private final Process process;
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private final AtomicInteger takenForDead = new AtomicInteger();
    private volatile boolean isIdle;
    private volatile boolean wasKilled;

    InstanceProcess(String uri, int number, int history, Account account) {
        this.number = number;
        this.account = account;
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Dfile.encoding=UTF-8",
                            "-cp",
                            System.getProperty("java.class.path"),
                            InstanceMain.class.getName(),
                            uri,
                            Integer.toString(number),
                            Integer.toString(history))
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            Path.of("target", "surefire-reports", "Instances-output.txt")
                                    .toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LIVE.add(process);
        Thread reader = new Thread(this::read, "instance-" + number);
        reader.setDaemon(true);
        reader.start();
    }

    /** Lets a user into a room, and waits for it. */
    Member join(String user, int room) {
        String name = user + ' ' + room;
        long[] askedAt = {System.nanoTime() - TRY_AGAIN.toNanos()};
        await("the join of " + name).atMost(60, TimeUnit.SECONDS).until(() -> {
            // It may be refused while Redis is away.
            if (System.nanoTime() - askedAt[0] >= TRY_AGAIN.toNanos()) {
                askedAt[0] = System.nanoTime();
                tell("join " + user + " " + room);
            }
            return members.containsKey(name);
        });
        return members.get(name);
    }

    void leave(Member member) {
        members.remove(member.user + ' ' + member.room);
        member.witness.gone();
        tell("leave " + member.user + " " + member.room);
    }

    List<Member> members() {
        return List.copyOf(members.values());
    }

    void startPublishing(int perSecond) {
        isIdle = false;
        tell("publish " + perSecond);
    }

    void stopPublishing() {
        tell("publish 0");
    }

    /** Whether all that it had published was answered since it stopped. */
    boolean isIdle() {
        return isIdle;
    }

    /** Publishes the end of a room. */
    void end(int room) {
        tell("end " + room);
    }

    /** Waits until each member that asks is told exactly these of its room. */
    void awaitMembers(Map<Integer, String> truth) {
        await("members of instance " + number)
                .pollInterval(Duration.ofMillis(200))
                .atMost(40, TimeUnit.SECONDS)
                .until(() -> {
                    tell("ask");
                    return members.values().stream()
                            .allMatch(member -> truth.get(member.room).equals(member.lastAnswer));
                });
    }

    /** Whether the hub has closed the connection of a member. */
    boolean hasClosedAnyone() {
        return members.values().stream().anyMatch(member -> member.wasClosed);
    }

    /** How often it had beaten too late, by its own word. */
    int takenForDead() {
        return takenForDead.get();
    }

    /** As {@code kill -9}; what it had told is known. */
    void kill() {
        wasKilled = true;
        members.values().forEach(member -> member.witness.gone());
        close();
    }

    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LIVE.remove(process);
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(String what) {
        try {
            process.getOutputStream().write((what + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            if (!wasKilled) {
                throw new UncheckedIOException("instance " + number + " has ended", e);
            }
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                note(line.split(" ", -1));
            }
        } catch (IOException | RuntimeException cutInTheMiddleOfALine) {
            if (!wasKilled) {
                throw new IllegalStateException("instance " + number, cutInTheMiddleOfALine);
            }
        }
    }

    private void note(String[] words) {
        switch (words[0]) {
            case "A" -> account.acknowledged(words[1], position(words[2], words[3]));
            case "R" -> account.refused(words[1]);
            case "U" -> account.unavailable();
            case "I" -> isIdle = true;
            case "D" -> takenForDead.incrementAndGet();
            default -> noteOfMember(words);
        }
    }

    private void noteOfMember(String[] words) {
        String name = words[1] + ' ' + words[2];
        Member member = members.get(name);
        if (words[0].equals("J")) {
            int room = Integer.parseInt(words[2]);
            Witness witness =
                    account.witness(words[1] + " in " + Instances.ROOMS.get(room), room, position(words[3], words[4]));
            members.put(name, new Member(words[1], room, witness));
        } else if (member != null) {
            switch (words[0]) {
                case "S" -> member.witness.shown(words[3], position(words[4], words[5]));
                case "G" -> member.witness.told(new Gap(position(words[3], words[4]), position(words[5], words[6])));
                case "M" -> member.lastAnswer = words[3];
                case "X" -> member.wasClosed = true;
                default -> {
                    synchronized (member.presence) {
                        member.presence.add(words[0] + words[3]);
                    }
                }
            }
        }
    }

    private static Position position(String epoch, String offset) {
        return new Position(epoch, Long.parseLong(offset));
    }
}
