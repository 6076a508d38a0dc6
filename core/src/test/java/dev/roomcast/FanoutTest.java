package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Handshake;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FanoutTest {

    private static final int MEMBERS = 3 * Fanout.STRIPE + 1;

    private final Hub hub = new Hub(withCores(4).time(new ManualTime()).limit(Limit.SHUTDOWN_DEADLINE, 0));
    private final LiveRoom room = new LiveRoom("r", hub);
    private final List<Counting> seats = new ArrayList<>();
    private final Batches batches = new Batches();

    private static RoomsBuilder withCores(int cores) {
        RoomsBuilder builder = Rooms.builder();
        builder.cores = cores;
        return builder;
    }

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void every_member_of_every_number_of_stripes_is_served_whoever_works() {
        fill(MEMBERS);
        for (int threads = 1; threads <= 6; threads++) {
            assertTrue(fanout(MEMBERS, threads).work());
            assertEachWas(threads);
        }
        assertTrue(fanout(Fanout.STRIPE + 1).work());
        assertTrue(fanout(Fanout.STRIPE).work());
        assertTrue(fanout(1).work());
        assertEquals(6 + 3, seats.get(0).writes);
        assertEquals(6 + 2, seats.get(1).writes);
        assertEquals(6 + 1, seats.get(Fanout.STRIPE).writes);
        assertEquals(6, seats.get(Fanout.STRIPE + 1).writes);
    }

    /** The caches of two cores are not one: each thread has members of its own. */
    @Test
    void threads_that_work_at_once_begin_with_shares_of_their_own() throws Exception {
        fill(2 * Fanout.STRIPE);
        Fanout fanout = fanout(2 * Fanout.STRIPE, 2);
        CountDownLatch inside = new CountDownLatch(2);
        seats.get(0).whenWritten = () -> meet(inside);
        seats.get(Fanout.STRIPE).whenWritten = () -> meet(inside);
        Thread helper = new Thread(fanout::work);
        helper.start();
        fanout.work();
        helper.join();
        assertEquals(0, inside.getCount(), "both shares were begun before one was ended");
        assertEachWas(1);
    }

    private static void meet(CountDownLatch latch) {
        latch.countDown();
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void one_that_works_alone_serves_each_once_and_ends_it() {
        fill(MEMBERS);
        Fanout fanout = fanout(MEMBERS);
        assertTrue(fanout.work());
        assertEachWas(1);
        assertFalse(fanout.work(), "a helper that comes late has nothing to do and ends nothing");
        assertEachWas(1);
    }

    @Test
    void several_serve_each_member_once_and_exactly_one_of_them_ends_it() throws Exception {
        fill(MEMBERS);
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int round = 1; round <= 500; round++) {
                Fanout fanout = fanout(MEMBERS);
                CountDownLatch start = new CountDownLatch(1);
                AtomicInteger ends = new AtomicInteger();
                List<Future<?>> work = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    work.add(pool.submit(() -> {
                        start.await();
                        if (fanout.work()) {
                            ends.incrementAndGet();
                        }
                        return null;
                    }));
                }
                start.countDown();
                for (Future<?> one : work) {
                    one.get();
                }
                assertEquals(1, ends.get());
                assertEachWas(round);
            }
        } finally {
            pool.shutdown();
            assertTrue(pool.awaitTermination(10, TimeUnit.SECONDS));
        }
    }

    /** The stripe behind it was not served, nobody went on with the lane, and the room was dumb for ever. */
    @Test
    void a_member_that_throws_costs_no_other_its_batch_and_does_not_keep_the_lane() {
        fill(5);
        room.admit(new Membership(null, room), new Position(Batches.EPOCH, 0));
        fill(MEMBERS);
        assertTrue(fanout(MEMBERS + 6).work());
        assertEachWas(1);
    }

    @Test
    void a_transport_that_throws_costs_no_other_its_batch() {
        fill(MEMBERS);
        seats.get(7).thrown = new StackOverflowError("on purpose");
        assertTrue(fanout(MEMBERS).work());
        seats.get(7).writes = 1;
        assertEachWas(1);
    }

    /** The batch was lost. */
    @Test
    void a_big_room_for_which_no_thread_can_be_had_is_served_all_the_same() {
        fill(MEMBERS);
        hub.workers.startThreadsWith(WorkersTest.NO_THREAD);
        for (int offset = 1; offset <= 2; offset++) {
            room.append(new LaneEntry.Said(Message.chat("x").in("r", 1).at(new Position(Batches.EPOCH, offset))));
            hub.turns.drain(room);
            assertEachWas(offset);
        }
    }

    private Fanout fanout(int members) {
        return fanout(members, 3);
    }

    private Fanout fanout(int members, int threads) {
        return new Fanout(room, List.of(batches.next("x")), members, threads);
    }

    private void fill(int members) {
        for (int i = 0; i < members; i++) {
            Counting seat = new Counting();
            seats.add(seat);
            LiveConnection connection =
                    new LiveConnection(hub, Handshake.builder().build(), seat);
            room.admit(new Membership(connection, room), new Position(Batches.EPOCH, 0));
        }
    }

    private void assertEachWas(int served) {
        assertEquals(
                List.of(), seats.stream().filter(seat -> seat.writes != served).toList());
    }

    private static final class Counting extends NullTransport {

        private volatile int writes;
        private Error thrown;
        private Runnable whenWritten = () -> {};

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one write at a time is what the outbox promises
        public void write(FrameBatch frames, Completion completion) {
            if (thrown != null) {
                throw thrown;
            }
            writes++;
            whenWritten.run();
            completion.done(null);
        }
    }
}
