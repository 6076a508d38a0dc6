package dev.roomcast.client;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * A session without a socket: what it writes is remembered, what the server says is handed in, and time is turned by hand. A
 * pause is always the longest that it may be.
 */
final class RecordingOutlet implements Outlet {

    static final String JOIN = "{'type':'join','room':'r'}";

    final ManualTime time = new ManualTime();
    final List<String> done = new ArrayList<>();
    final List<String> told = new ArrayList<>();
    final Session session;
    int link;
    int question;
    boolean behind;
    private Duration asleep = Duration.ZERO;
    private final AtomicInteger ids = new AtomicInteger();

    RecordingOutlet() {
        this(ClientSettings.DEFAULT);
    }

    RecordingOutlet(ClientSettings settings) {
        RandomGenerator highest = new RandomGenerator() {
            @Override
            public long nextLong() {
                return -1;
            }
        };
        session = new Session(
                settings, new RecordingListener(told), new Sleepy(), this, highest, () -> "id" + ids.incrementAndGet());
        session.start();
    }

    /** A session that is online, on its first connection. */
    static RecordingOutlet online() {
        RecordingOutlet outlet = new RecordingOutlet();
        outlet.comesOnline();
        return outlet;
    }

    void comesOnline() {
        session.opened(link);
        says("{'type':'welcome','userId':'ann','heartbeat':30000}");
    }

    /** The server says something; with single quotes, to be readable. */
    void says(String... frames) {
        session.arrived(link);
        session.received(link, String.join("\n", frames).replace('\'', '"'));
    }

    static String joinedAt(String epoch, long offset, boolean recovered) {
        return joined("r", epoch, offset, recovered);
    }

    static String joined(String room) {
        return joined(room, "e", 0, false);
    }

    static String joined(String room, String epoch, long offset, boolean recovered) {
        return "{'type':'joined','room':'" + room + "','epoch':'" + epoch + "','offset':" + offset + ",'recovered':"
                + recovered + ",'members':[{'userId':'ann'}],'count':1,'rev':1}";
    }

    static String chat(String content, long offset) {
        return "{'type':'chat','room':'r','userId':'ben','content':'" + content
                + "','timestamp':1,'epoch':'e','offset':" + offset + "}";
    }

    static String sent(String content, int id) {
        return "{'type':'chat','room':'r','content':'" + content + "','id':'id" + id + "'}";
    }

    static String code(CompletableFuture<?> future) {
        assertTrue(future.isDone(), "it has no outcome yet");
        CompletionException failed = assertThrows(CompletionException.class, future::join);
        return ((SendException) failed.getCause()).code();
    }

    static CompletableFuture<Position> send(ClientRoom room, String content) {
        return room.send(content).toCompletableFuture();
    }

    /** In room r at (e, 5). */
    ClientRoom inRoom() {
        ClientRoom room = session.join("r", null, null);
        says(joinedAt("e", 5, false));
        next();
        nextTold();
        return room;
    }

    void isCut() {
        session.lost(link, 1006, "");
    }

    /** Lost, and back at once. */
    void comesBack() {
        isCut();
        turn(Duration.ofSeconds(20));
        comesOnline();
    }

    void turn(Duration duration) {
        time.advance(duration);
    }

    /** The date goes on, and nothing else does. */
    void sleeps(Duration duration) {
        asleep = asleep.plus(duration);
    }

    private final class Sleepy implements Time {

        @Override
        public long millis() {
            return time.millis() + asleep.toMillis();
        }

        @Override
        public long nanos() {
            return time.nanos();
        }

        @Override
        public Timer after(Duration delay, Runnable task) {
            return time.after(delay, task);
        }

        @Override
        public int pending() {
            return time.pending();
        }

        @Override
        public void close() {
            time.close();
        }
    }

    /** After a time in which the server was silent, and so was given up. */
    void comesOnlineIfWaiting() {
        if (session.state() != ClientState.ONLINE) {
            turn(Duration.ofSeconds(20));
            comesOnline();
        }
    }

    /** What was done since the last call. */
    List<String> next() {
        List<String> next = List.copyOf(done);
        done.clear();
        return next;
    }

    List<String> nextTold() {
        List<String> next = List.copyOf(told);
        told.clear();
        return next;
    }

    @Override
    public void askToken(int asked) {
        question = asked;
        done.add("token?");
    }

    @Override
    public void dial(int to) {
        link = to;
        done.add("dial");
    }

    @Override
    public void write(int to, String text) {
        if (to == link) {
            done.add(text.replace('"', '\''));
        }
    }

    @Override
    public void readOn(int to) {
        session.reads(to);
    }

    @Override
    public void close(int to) {
        done.add("close");
    }

    @Override
    public void abort(int to) {
        if (to == link) {
            done.add("abort");
        }
    }

    @Override
    public void tell(Runnable callback) {
        callback.run();
    }

    @Override
    public void finish() {
        done.add("finish");
    }

    @Override
    public boolean isBehind() {
        return behind;
    }
}
