package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The outbox under many threads, and its bounds against a model that counts what it should hold. */
class OutboxStressTest {

    private static final int BYTES = 1_000;
    private static final int FRAMES = 30;
    private static final int ANSWER_BYTES = 200;

    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final Batches batches = new Batches();
    private final Membership member = new Membership(null, null);

    @Test
    void many_threads_at_once_each_frame_once_in_the_order_of_its_thread_and_one_operation_at_a_time()
            throws Exception {
        int producers = 4;
        int each = 50_000;
        ExecutorService threads = Executors.newFixedThreadPool(producers);
        ExecutorService completers = Executors.newFixedThreadPool(2);
        Settings wide = new Settings(Rooms.builder()
                .limit(Limit.OUTBOX_FRAMES, 1_000_000)
                .limit(Limit.OUTBOX_BYTES, 1_000_000_000)
                .limit(Limit.CONTROL_BYTES, 1_000_000_000));
        Checking wire = new Checking(producers, completers);
        Outbox outbox = outbox(wire, wide);
        try {
            List<Future<?>> work = new ArrayList<>();
            for (int p = 0; p < producers; p++) {
                int producer = p;
                work.add(threads.submit(() -> {
                    for (int i = 1; i <= each; i++) {
                        TextFrame frame = TextFrame.of(producer + " " + i);
                        if (producer == 0) {
                            outbox.answer(frame);
                        } else {
                            outbox.offer(member, batches.next(List.of(frame)));
                        }
                        if (i % 100 == 0) {
                            outbox.ping();
                        }
                    }
                }));
            }
            for (Future<?> one : work) {
                one.get();
            }
            await().until(() -> wire.written.get() == producers * each || !faults.isEmpty());
            assertEquals(List.of(), List.copyOf(faults));
            assertEquals(producers * each, wire.written.get());
        } finally {
            threads.shutdownNow();
            completers.shutdown();
            assertTrue(completers.awaitTermination(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void it_takes_and_refuses_exactly_what_its_bounds_say() {
        for (int round = 0; round < 2_000; round++) {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            Model model = new Model();
            Outbox outbox = outbox(model, bounded());
            for (int step = 0; step < 60 && faults.isEmpty(); step++) {
                String what = "seed " + seed + ", step " + step;
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> model.offers(outbox, 1 + random.nextInt(3), 1 + random.nextInt(120), what);
                    case 3, 4 -> model.answers(outbox, 1 + random.nextInt(60), what);
                    case 5 -> outbox.ping();
                    default -> model.completes();
                }
            }
            assertEquals(List.of(), List.copyOf(faults), "seed " + seed);
        }
    }

    @Test
    void an_idle_outbox_holds_on_to_nothing() {
        Model wire = new Model();
        Outbox outbox = outbox(wire, bounded());
        List<WeakReference<TextFrame>> frames = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            TextFrame frame = TextFrame.of("frame " + i);
            frames.add(new WeakReference<>(frame));
            outbox.offer(member, batches.next(List.of(frame)));
        }
        while (wire.held != null) {
            wire.completes();
        }
        await().until(() -> {
            System.gc();
            return frames.stream().allMatch(frame -> frame.get() == null);
        });
        outbox.ping();
    }

    private static Settings bounded() {
        return new Settings(Rooms.builder()
                .limit(Limit.OUTBOX_BYTES, BYTES)
                .limit(Limit.OUTBOX_FRAMES, FRAMES)
                .limit(Limit.CONTROL_BYTES, ANSWER_BYTES)
                .overflow(Overflow.DISCONNECT));
    }

    private Outbox outbox(Fake wire, Settings settings) {
        return new Outbox(
                wire,
                wire,
                WireFormat.PLAIN,
                settings,
                new WriteDeadlines(new ManualTime(), java.time.Duration.ofDays(1)),
                Budgets.ample());
    }

    /** A transport and the owner beside it. */
    private abstract class Fake implements Transport, Outbox.Owner {

        @Override
        public void close(int code, String reason) {}

        @Override
        public void abort() {}

        @Override
        public void overflowed(Limit limit) {
            faults.add("overflowed: " + limit);
        }

        @Override
        public void drained(List<Membership> behind) {
            faults.add("behind: " + behind.size());
        }

        @Override
        public void tooSlow(Limit limit) {
            faults.add("too slow: " + limit);
        }

        @Override
        public void writeFailed(Throwable failure) {
            faults.add("failed: " + failure);
        }

        @Override
        public void dropped(int frames) {
            faults.add("dropped " + frames);
        }
    }

    /** Completes here and there, and notices two operations at once and what is out of order. */
    private final class Checking extends Fake {

        private final int[] last;
        private final ExecutorService completers;
        private final AtomicInteger inFlight = new AtomicInteger();
        private final AtomicInteger written = new AtomicInteger();
        private int operations;

        Checking(int producers, ExecutorService completers) {
            this.last = new int[producers];
            this.completers = completers;
        }

        @Override
        public void write(FrameBatch batch, Completion completion) {
            begin();
            for (TextFrame frame : batch.frames()) {
                String[] parts = frame.text().split(" ", 2);
                int producer = Integer.parseInt(parts[0]);
                int number = Integer.parseInt(parts[1]);
                if (number != last[producer] + 1) {
                    faults.add(number + " follows " + last[producer]);
                }
                last[producer] = number;
            }
            end(completion);
            written.addAndGet(batch.frames().size());
        }

        @Override
        public void ping(Completion completion) {
            begin();
            end(completion);
        }

        private void begin() {
            if (inFlight.incrementAndGet() != 1) {
                faults.add("two operations at once");
            }
        }

        private void end(Completion completion) {
            operations++;
            boolean elsewhere = operations % 3 == 0;
            inFlight.decrementAndGet();
            if (elsewhere) {
                completers.execute(() -> completion.done(null));
            } else {
                completion.done(null);
            }
        }
    }

    /** Holds each operation until told, and counts what the outbox must be holding meanwhile. */
    private final class Model extends Fake {

        private @Nullable Completion held;
        private final Deque<Integer> rooms = new ArrayDeque<>();
        private final Deque<Integer> answers = new ArrayDeque<>();
        private int flight;
        private boolean refusing;

        /** Too many answers were refused once; none is taken any more. */
        private boolean gone;

        private @Nullable Limit told;

        void offers(Outbox outbox, int count, int size, String what) {
            boolean idle = held == null;
            Limit expected = null;
            if (!idle && !refusing) {
                expected = rooms.size() + count > FRAMES
                        ? Limit.OUTBOX_FRAMES
                        : flight + sum(rooms) + count * size > BYTES ? Limit.OUTBOX_BYTES : null;
            }
            if (!refusing && !idle && expected == null) {
                for (int i = 0; i < count; i++) {
                    rooms.add(size);
                }
            }
            told = null;
            TextFrame frame = TextFrame.of("r".repeat(size));
            outbox.offer(member, batches.next(frame, count));
            refusing |= expected != null;
            check(expected, what);
        }

        void answers(Outbox outbox, int size, String what) {
            boolean idle = held == null;
            Limit expected = !idle && !gone && sum(answers) >= ANSWER_BYTES ? Limit.CONTROL_BYTES : null;
            boolean takes = !gone && expected == null;
            gone |= expected != null;
            if (!idle && takes) {
                answers.add(size);
            }
            told = null;
            boolean taken = outbox.answer(TextFrame.of("a".repeat(size)));
            if (taken != takes) {
                faults.add("answer taken: " + taken + ", " + what);
            }
            check(expected, what);
        }

        void completes() {
            Completion completion = held;
            held = null;
            if (completion != null) {
                completion.done(null);
            }
        }

        private void check(@Nullable Limit expected, String what) {
            if (told != expected) {
                faults.add("told " + told + " instead of " + expected + ", " + what);
            }
        }

        private int sum(Deque<Integer> sizes) {
            return sizes.stream().mapToInt(Integer::intValue).sum();
        }

        @Override
        public void write(FrameBatch batch, Completion completion) {
            flight = 0;
            for (TextFrame frame : batch.frames()) {
                boolean answer = frame.text().startsWith("a");
                (answer ? answers : rooms).poll();
                flight += answer ? 0 : frame.size();
            }
            held = completion;
        }

        @Override
        public void ping(Completion completion) {
            flight = 0;
            held = completion;
        }

        @Override
        public void tooSlow(Limit limit) {
            told = limit;
        }

        @Override
        public void dropped(int frames) {}
    }
}
