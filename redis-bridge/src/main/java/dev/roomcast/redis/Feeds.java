package dev.roomcast.redis;

import dev.roomcast.bridge.Broadcaster.Subscription;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.message.Position;
import dev.roomcast.redis.Envelope.Batch;
import dev.roomcast.redis.Envelope.News;
import dev.roomcast.redis.Envelope.Passing;
import dev.roomcast.time.Time;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that someone here is interested in: subscribed on the listening connection while that lasts, and a while
 * longer. Each {@code subscribed} event of Redis, and no answer to a command, counts as confirmation, so it may come early
 * for a room that was left and entered again; the next event then heals what was missed between.
 */
final class Feeds extends RedisPubSubAdapter<byte[], byte[]> {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.redis");
    private static final int CHANNELS_PER_COMMAND = 1000;
    private static final Duration CHANNEL_PATIENCE = Duration.ofMillis(250);

    /** Compares a room's roster with what was heard of it. */
    interface RosterCheck {

        /** Heard is the newest revision, -1 for none. */
        void check(String room, long heard);
    }

    /** A room's feed, and how many need it. */
    private static final class Entry {
        final RoomFeed feed;
        final RosterFeed roster;
        final long checkedFrom;
        final AtomicBoolean asked = new AtomicBoolean();

        /** Guarded by the map's bin. */
        int interest;

        Entry(RoomFeed feed, RosterFeed roster, long checkedFrom) {
            this.feed = feed;
            this.roster = roster;
            this.checkedFrom = checkedFrom;
        }
    }

    private final Delivery delivery;
    private final RoomReader reader;
    private final RosterCheck rosterCheck;
    private final Publisher publisher;
    private final Alone alone;
    private final Keys keys;
    private final Stripes stripes;
    private final Time time;
    private final Timing timing;

    /** By channel. */
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();

    private final LongAdder events = new LongAdder();
    private final Unusable garbage = new Unusable();
    private final HeldBudget budget = new HeldBudget();
    private final FailureLog refusals = new FailureLog();
    private volatile @Nullable StatefulRedisPubSubConnection<byte[], byte[]> connection;
    private volatile long tickedAt;

    Feeds(
            Delivery delivery,
            RoomReader reader,
            RosterCheck rosterCheck,
            Publisher publisher,
            Alone alone,
            Keys keys,
            Stripes stripes,
            Time time,
            Timing timing) {
        this.alone = alone;
        this.delivery = delivery;
        this.reader = reader;
        this.rosterCheck = rosterCheck;
        this.publisher = publisher;
        this.keys = keys;
        this.stripes = stripes;
        this.time = time;
        this.timing = timing;
        this.tickedAt = time.nanos();
    }

    Subscription subscribe(String room) {
        byte[] channel = keys.channel(room);
        Entry entry = entries.compute(name(channel), (name, known) -> {
            Entry one = known == null
                    ? new Entry(
                            new RoomFeed(room, delivery, reader, alone, stripes, garbage, budget),
                            new RosterFeed(delivery),
                            time.nanos())
                    : known;
            one.interest++;
            return one;
        });
        // Not before the entry can be found, since Redis may confirm at once.
        if (entry.asked.compareAndSet(false, true)) {
            ask(List.of(channel));
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return new Subscription() {
            @Override
            public CompletionStage<Position> top() {
                return entry.feed.top(time.nanos());
            }

            @Override
            public void close() {
                if (open.compareAndSet(true, false)) {
                    leave(channel);
                }
            }
        };
    }

    /** There is a connection: all rooms are subscribed on it. */
    void up(StatefulRedisPubSubConnection<byte[], byte[]> fresh) {
        fresh.addListener(this);
        connection = fresh;
        List<byte[]> channels = new ArrayList<>(CHANNELS_PER_COMMAND);
        for (String name : entries.keySet()) {
            channels.add(name.getBytes(StandardCharsets.ISO_8859_1));
            if (channels.size() == CHANNELS_PER_COMMAND) {
                ask(channels);
                channels.clear();
            }
        }
        ask(channels);
    }

    void down() {
        connection = null;
        refusals.clear();
        entries.values().forEach(entry -> Guarded.run(entry.feed::unconfirmed));
    }

    /** A script of this instance changed a room's roster; completes when that has been appended to the delivery. */
    CompletionStage<Void> changed(String room, List<RosterChange> changes) {
        Entry entry = entries.get(name(keys.channel(room)));
        if (entry == null || changes.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletionStage<Void> appended = entry.roster.answered(changes);
        if (!appended.toCompletableFuture().isDone()) {
            time.after(CHANNEL_PATIENCE, () -> {
                entry.roster.hurry();
                delivery.releaseElsewhere(room);
            });
        }
        delivery.releaseElsewhere(room);
        return appended;
    }

    /** Redis has told at which revision a room's roster is. What was changed a moment ago may be on its way. */
    void moved(String room, long revision) {
        Entry entry = entries.get(name(keys.channel(room)));
        if (entry != null && entry.roster.last() < revision) {
            time.after(CHANNEL_PATIENCE, () -> {
                entry.roster.moved(room, revision);
                delivery.releaseElsewhere(room);
            });
        }
    }

    /** Redis is away, or back: questions are answered with what is known here, or by Redis. */
    void away(boolean now) {
        alone.away(now);
        if (now) {
            publisher
                    .rooms()
                    .forEach(room -> Guarded.run(() -> {
                        if (sayAlone(room)) {
                            delivery.releaseElsewhere(room);
                        }
                    }));
            entries.values().forEach(entry -> Guarded.run(entry.feed::answerAlone));
        } else {
            // A room that went on by itself could not be placed before.
            entries.values().forEach(entry -> Guarded.run(entry.feed::readIfNeeded));
        }
    }

    /**
     * Has what waits for Redis in a room said among those who are here, if Redis is away and that is wanted.
     *
     * @return whether something is to be delivered
     */
    boolean sayAlone(String room) {
        if (!alone.talks()) {
            return false;
        }
        byte[] channel = keys.channel(room);
        // Held for so long: a room that is forgotten meanwhile could not be told when Redis is back.
        Entry[] entry = new Entry[1];
        entries.computeIfPresent(name(channel), (name, known) -> {
            if (known.interest > 0) {
                known.interest++;
                entry[0] = known;
            }
            return known;
        });
        if (entry[0] == null) {
            return false;
        }
        try {
            List<Said> said = entry[0].feed.sayAlone(() -> publisher.take(room));
            publisher.done(room, said.stream().map(Said::waiting).toList(), () -> said.forEach(Said::tell));
            return !said.isEmpty();
        } finally {
            leave(channel);
        }
    }

    /**
     * A room's history as far as it is known here; null if Redis has to be asked.
     *
     * @param isLost whether that was tried in vain
     */
    @Nullable
    HistorySlice historyAlone(String room, @Nullable Position after, int limit, boolean isLost) {
        Entry entry = alone.hasOwnHistory() ? entries.get(name(keys.channel(room))) : null;
        return entry == null ? null : entry.feed.historyAlone(after, limit, isLost);
    }

    /** Readings that failed for want of a session are done now. */
    void sessionUp() {
        for (Entry entry : entries.values()) {
            Guarded.run(() -> {
                if (entry.feed.isConfirmed()) {
                    entry.feed.check();
                    check(entry);
                }
            });
        }
    }

    /** Whether the room's roster is compared with Redis's when there is a session and a subscription again. */
    boolean isChecked(String room) {
        return entries.containsKey(name(keys.channel(room)));
    }

    /** To be called about once a second. */
    void tick() {
        long now = time.nanos();
        long before = tickedAt;
        tickedAt = now;
        long every = timing.check().toNanos();
        for (Entry entry : entries.values()) {
            Guarded.run(() -> {
                if ((now - entry.checkedFrom) / every != (before - entry.checkedFrom) / every) {
                    entry.feed.check();
                    check(entry);
                }
                entry.feed.tick(now, timing.deadline().toNanos());
            });
        }
    }

    /** Refuses who still asks for something. */
    void close() {
        connection = null;
        entries.values().forEach(entry -> Guarded.run(() -> entry.feed.tick(time.nanos(), -1)));
        entries.clear();
        alone.close();
    }

    /** Rooms that are subscribed. */
    int size() {
        return entries.size();
    }

    /** How much came on the listening connection. */
    long heard() {
        return events.sum();
    }

    /** Whether all rooms are subscribed and compared with Redis, as far as is known now. */
    boolean isSettled() {
        return entries.values().stream().allMatch(entry -> entry.feed.isSettled());
    }

    /** News of a roster turned out to be of a revision that no script gave. */
    void forged() {
        garbage.add(1);
    }

    /** Envelopes that came on a channel and were not used. */
    long garbage() {
        return garbage.sum();
    }

    // What the connection calls, on its own thread. A listener that throws would keep the news from others.

    @Override
    public void subscribed(byte[] channel, long count) {
        events.increment();
        Entry entry = entries.get(name(channel));
        if (entry != null) {
            Guarded.run(entry.feed::confirmed);
            Guarded.run(() -> check(entry));
        }
    }

    @Override
    public void message(byte[] channel, byte[] bytes) {
        events.increment();
        Entry entry = entries.get(name(channel));
        if (entry == null) {
            return;
        }
        try {
            arrived(entry, Envelope.parse(bytes, entry.feed.room));
        } catch (RuntimeException | Error e) {
            // Lettuce would end the connection for an error, and with that the news of all rooms. What was not
            // delivered of
            // a good envelope is read again.
            garbage.add(1);
            Guarded.run(entry.feed::check);
            Guarded.run(() -> check(entry));
        }
    }

    private void arrived(Entry entry, Envelope envelope) {
        if (envelope instanceof Batch batch) {
            entry.feed.arrived(batch);
            publisher.seen(entry.feed.room, batch);
        } else if (envelope instanceof Passing passing) {
            entry.feed.arrived(passing.message());
        } else if (envelope instanceof News news) {
            entry.roster.arrived(news.change());
            delivery.releaseElsewhere(entry.feed.room);
        }
    }

    private void check(Entry entry) {
        rosterCheck.check(entry.feed.room, entry.roster.last());
    }

    private void leave(byte[] channel) {
        entries.computeIfPresent(name(channel), (name, entry) -> {
            if (--entry.interest == 0) {
                time.after(timing.linger(), () -> forget(channel));
            }
            return entry;
        });
    }

    private void forget(byte[] channel) {
        entries.computeIfPresent(name(channel), (name, entry) -> {
            if (entry.interest > 0) {
                return entry;
            }
            StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
            try {
                if (now != null) {
                    now.async().unsubscribe(channel).whenComplete((done, failure) -> {});
                }
            } catch (RedisException gone) {
                // Then the subscription is gone as well.
            }
            Guarded.run(entry.feed::close);
            return null;
        });
    }

    private void ask(List<byte[]> channels) {
        StatefulRedisPubSubConnection<byte[], byte[]> now = connection;
        try {
            if (now != null && !channels.isEmpty()) {
                now.async().subscribe(channels.toArray(new byte[0][])).exceptionally(failure -> refused(now, failure));
            }
        } catch (RedisException gone) {
            // The next connection subscribes all rooms.
        }
    }

    /** Redis does not want us to listen, unless the connection is only gone. */
    private @Nullable Void refused(StatefulRedisPubSubConnection<byte[], byte[]> asked, Throwable failure) {
        if (connection == asked && failure instanceof RedisCommandExecutionException) {
            String said = Diagnosis.of(failure).words();
            if (refusals.isNew(said)) {
                LOG.log(System.Logger.Level.WARNING, "Redis refuses to subscribe: {0}", said);
            }
        }
        return null;
    }

    private static String name(byte[] channel) {
        return new String(channel, StandardCharsets.ISO_8859_1);
    }
}
