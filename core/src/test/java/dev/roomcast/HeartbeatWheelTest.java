package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.ManualTime;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeartbeatWheelTest {

    private static final Duration INTERVAL = Duration.ofSeconds(30);

    private final ManualTime time = new ManualTime();
    private final Heartbeat heartbeat = Heartbeat.every(INTERVAL, time);

    @Test
    void each_peer_is_pinged_once_per_interval() {
        Watched peer = watch(true);
        time.advance(INTERVAL.multipliedBy(10));
        assertEquals(10, peer.pings);
        assertEquals(0, peer.deaths);
    }

    @Test
    void peers_that_came_together_are_not_pinged_together() {
        List<Watched> peers = new ArrayList<>();
        for (int i = 0; i < 6_400; i++) {
            peers.add(watch(true));
        }
        int before = 0;
        int most = 0;
        for (int i = 0; i < 300; i++) {
            time.advance(Duration.ofMillis(100));
            int now = peers.stream().mapToInt(peer -> peer.pings).sum();
            most = Math.max(most, now - before);
            before = now;
        }
        assertEquals(6_400, before);
        assertEquals(100, most);
    }

    @Test
    void a_silent_peer_is_dead_between_one_and_two_intervals_after_its_last_sign() {
        List<Watched> peers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            peers.add(watch(false));
        }
        time.advance(INTERVAL.minusMillis(1));
        assertEquals(0, peers.stream().mapToInt(peer -> peer.deaths).sum());
        time.advance(INTERVAL.plusMillis(1));
        for (Watched peer : peers) {
            assertEquals(1, peer.deaths);
            assertEquals(1, peer.pings);
        }
        assertEquals(0, heartbeat.watched());
    }

    @Test
    void any_sign_counts() {
        Watched peer = watch(false);
        for (int i = 0; i < 40; i++) {
            time.advance(Duration.ofSeconds(5));
            peer.watch.heard();
        }
        assertEquals(0, peer.deaths);
        time.advance(INTERVAL.multipliedBy(2));
        assertEquals(1, peer.deaths);
    }

    @Test
    void who_is_not_watched_is_not_called_and_the_wheel_stands_still() {
        Watched peer = watch(true);
        Watched other = watch(true);
        assertEquals(1, time.pending());
        peer.watch.stop();
        peer.watch.stop();
        other.watch.stop();
        time.advance(INTERVAL.multipliedBy(2));
        assertEquals(0, peer.pings + peer.deaths + other.pings);
        assertEquals(0, time.pending());
        Watched next = watch(true);
        time.advance(INTERVAL);
        assertEquals(1, next.pings);
    }

    @Test
    void a_peer_that_throws_harms_no_other() {
        heartbeat.watch(new Heartbeat.Peer() {
            @Override
            public void ping() {
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void dead() {}
        });
        Watched other = watch(true);
        time.advance(INTERVAL.multipliedBy(3));
        assertEquals(3, other.pings);
    }

    @Test
    void a_closed_heartbeat_calls_nobody() {
        Watched peer = watch(false);
        heartbeat.close();
        Watched late = watch(false);
        time.advance(INTERVAL.multipliedBy(3));
        assertEquals(0, peer.pings + peer.deaths + late.pings + late.deaths);
        assertEquals(0, heartbeat.watched());
        assertEquals(0, time.pending());
    }

    /**
     * After a machine had stood still for longer than a round, the ticks that were due ran one after the other: each peer was
     * pinged and in the same moment declared dead, all of them.
     */
    @Test
    void after_a_standstill_each_peer_has_a_whole_round_to_answer() {
        StalledTime stalled = new StalledTime();
        Heartbeat late = Heartbeat.every(INTERVAL, stalled);
        List<Watched> peers = new ArrayList<>();
        for (int i = 0; i < 640; i++) {
            Watched peer = new Watched(false);
            peer.watch = late.watch(peer);
            peers.add(peer);
        }
        stalled.pass(INTERVAL.dividedBy(2));
        stalled.standStill(INTERVAL.multipliedBy(5));
        stalled.pass(Duration.ZERO);
        for (Watched peer : peers) {
            assertEquals(0, peer.deaths);
            peer.watch.heard();
        }
        stalled.pass(INTERVAL);
        assertEquals(0, peers.stream().mapToInt(peer -> peer.deaths).sum());
        stalled.pass(INTERVAL);
        assertEquals(640, peers.stream().mapToInt(peer -> peer.deaths).sum());
    }

    @Test
    void whoever_comes_goes_and_speaks_is_pinged_in_each_interval_and_found_dead_in_time() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Timed> here = new ArrayList<>();
        List<Timed> gone = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            String what = "seed " + seed + ", step " + step;
            int act = random.nextInt(10);
            if (act < 3 || here.isEmpty()) {
                here.add(new Timed());
            } else if (act < 5) {
                Timed peer = here.remove(random.nextInt(here.size()));
                peer.stop();
                gone.add(peer);
            } else if (act < 8) {
                here.get(random.nextInt(here.size())).speak();
            } else {
                time.advance(Duration.ofMillis(random.nextInt(5_000)));
                gone.addAll(here.stream().filter(peer -> peer.dead).toList());
                here.removeIf(peer -> peer.dead);
            }
            here.forEach(peer -> peer.check(what));
            assertEquals(here.size(), heartbeat.watched(), what);
        }
        here.forEach(Timed::stop);
        time.advance(INTERVAL);
        assertEquals(0, time.pending(), "seed " + seed);
        gone.forEach(peer -> assertEquals("", peer.fault, "seed " + seed));
    }

    @Test
    void an_interval_shorter_than_a_millisecond_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> Heartbeat.every(Duration.ofNanos(999_999), time));
        assertTrue(Heartbeat.every(Duration.ofMillis(1), time).interval().toMillis() == 1);
    }

    private Watched watch(boolean answers) {
        Watched peer = new Watched(answers);
        peer.watch = heartbeat.watch(peer);
        return peer;
    }

    private static final class Watched implements Heartbeat.Peer {

        private final boolean answers;
        private Heartbeat.Watch watch;
        private int pings;
        private int deaths;

        Watched(boolean answers) {
            this.answers = answers;
        }

        @Override
        public void ping() {
            pings++;
            if (answers) {
                watch.heard();
            }
        }

        @Override
        public void dead() {
            deaths++;
        }
    }

    /** A peer that looks at the clock. */
    private final class Timed implements Heartbeat.Peer {

        private final Heartbeat.Watch watch = heartbeat.watch(this);
        private long lastSign = time.nanos();
        private long lastPing = time.nanos();
        private boolean stopped;
        private boolean dead;

        /** Told here, since the wheel lets no peer's error through. */
        private String fault = "";

        void speak() {
            watch.heard();
            lastSign = time.nanos();
        }

        void stop() {
            watch.stop();
            stopped = true;
        }

        void check(String what) {
            assertEquals("", fault, what);
            assertTrue(time.nanos() - lastPing <= INTERVAL.toNanos(), () -> "not pinged in time, " + what);
            assertTrue(time.nanos() - lastSign <= 2 * INTERVAL.toNanos(), () -> "not found dead in time, " + what);
        }

        @Override
        public void ping() {
            fault += stopped || dead ? "pinged after its end " : "";
            lastPing = time.nanos();
        }

        @Override
        public void dead() {
            fault += stopped || dead ? "found dead after its end " : "";
            fault += time.nanos() - lastSign < INTERVAL.toNanos() - 64 ? "found dead too early " : "";
            dead = true;
        }
    }

    /** A clock whose timer thread can be late: time goes on, and the timers that were due all run afterwards. */
    private static final class StalledTime implements Time {

        private final List<Runnable> tasks = new ArrayList<>();
        private final List<Long> dues = new ArrayList<>();
        private long nanos;

        void standStill(Duration duration) {
            nanos += duration.toNanos();
        }

        void pass(Duration duration) {
            long end = nanos + duration.toNanos();
            for (int next = next(end); next >= 0; next = next(end)) {
                nanos = Math.max(nanos, dues.remove(next));
                tasks.remove(next).run();
            }
            nanos = end;
        }

        private int next(long end) {
            int first = -1;
            for (int i = 0; i < dues.size(); i++) {
                first = dues.get(i) <= end && (first < 0 || dues.get(i) < dues.get(first)) ? i : first;
            }
            return first;
        }

        @Override
        public long millis() {
            return nanos / 1_000_000;
        }

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public Timer after(Duration delay, Runnable task) {
            tasks.add(task);
            dues.add(nanos + Math.max(0, delay.toNanos()));
            return () -> {};
        }

        @Override
        public int pending() {
            return tasks.size();
        }

        @Override
        public void close() {}
    }
}
