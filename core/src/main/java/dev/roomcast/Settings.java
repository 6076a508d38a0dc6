package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.RosterChange.Cause;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Names;
import dev.roomcast.guard.OriginPolicy;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.log.FaultLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a builder held when the hub was built. Immutable. */
final class Settings {

    private record PatternHistory(Glob rooms, HistoryLimits limits) {}

    /** Where faults are logged that a client may cause. */
    final FaultLog faults = new FaultLog(System.getLogger("dev.roomcast"));

    /** A hundred years. */
    static final Duration LONGEST = Duration.ofDays(36_525);

    final OriginPolicy origins;
    final Rate rate;
    final Rate userRate;
    final Rate handshakes;
    final @Nullable Authenticator authenticator;
    final @Nullable Access access;
    final Sanitizer sanitizer;
    final boolean evictOldest;
    final Overflow overflow;
    final Duration heartbeat;
    final MessageHandler handler;
    final RoomListener listener;
    final Observer observer;
    final @Nullable Executor executor;

    /** Settings that do not fit the memory, each as a sentence. */
    final List<String> warnings;

    /** By default history may take half of the memory budget, and ids an eighth. */
    static final int HISTORY_PART = 2;

    static final int IDS_PART = 8;

    private final Map<Limit, Long> limits = new EnumMap<>(Limit.class);
    private final HistoryLimits history;
    private final Map<String, Sanitizer> sanitizerByType;
    private final List<PatternHistory> historyByPattern = new ArrayList<>();

    Settings(RoomsBuilder builder) {
        origins = builder.origins;
        rate = builder.rate;
        userRate = builder.userRate == null ? fourTimes(rate) : builder.userRate;
        handshakes = builder.handshakes;
        authenticator = builder.authenticator;
        access = builder.access;
        sanitizer = builder.sanitizer;
        sanitizerByType = Map.copyOf(builder.sanitizerByType);
        evictOldest = builder.evictOldest;
        overflow = builder.overflow;
        heartbeat = builder.heartbeat;
        handler = builder.handler;
        listener = builder.listener;
        observer = builder.observer;
        executor = builder.executor;
        history = builder.history;
        builder.historyByPattern.forEach(
                (pattern, kept) -> historyByPattern.add(new PatternHistory(new Glob(pattern), kept)));
        for (Limit limit : Limit.values()) {
            limits.put(limit, builder.limits.getOrDefault(limit, limit.defaultValue()));
        }
        long memory = limit(Limit.MEMORY_BYTES);
        limits.put(
                Limit.HISTORY_TOTAL_BYTES,
                builder.limits.getOrDefault(
                        Limit.HISTORY_TOTAL_BYTES,
                        Math.min(Limit.HISTORY_TOTAL_BYTES.defaultValue(), memory / HISTORY_PART)));
        limits.put(
                Limit.IDS_TOTAL,
                builder.limits.getOrDefault(
                        Limit.IDS_TOTAL,
                        Math.min(Limit.IDS_TOTAL.defaultValue(), memory / IDS_PART / Bridge.Memory.ID_BYTES)));
        warnings = new MemoryCheck(this, builder).warnings();
    }

    /** Runs code of the host, whatever it throws. */
    void guarded(String what, Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            faults.hostFault(System.Logger.Level.ERROR, what, null, e);
        }
    }

    /** Whether the thread that brings a message may be held up by code of the host. */
    boolean mayBlock() {
        return executor == null && handler != Relaying.EVERYTHING;
    }

    long limit(Limit limit) {
        return limits.getOrDefault(limit, limit.defaultValue());
    }

    int count(Limit limit) {
        return (int) Math.min(Integer.MAX_VALUE, limit(limit));
    }

    /** A limit as a time, in the bounds of what can be counted in nanoseconds. */
    Duration duration(Limit limit) {
        return Duration.ofMillis(Math.min(limit(limit), LONGEST.toMillis()));
    }

    Sanitizer sanitizerOf(String type) {
        return sanitizerByType.getOrDefault(type, sanitizer);
    }

    /**
     * A name as others are shown it. Null if there is none: to be safe to show it may have become longer than a name is, and
     * a sanitizer of the host may make anything of it.
     */
    @Nullable
    String shown(String name) {
        try {
            String shown = sanitizer.cleanName(name);
            return Names.fault(shown, count(Limit.NAME_LENGTH)).isEmpty() ? shown : null;
        } catch (Throwable e) {
            // Its class alone: the message may quote the name.
            faults.fault(
                    System.Logger.Level.ERROR,
                    "The sanitizer failed for a name",
                    e.getClass().getName(),
                    null);
            return null;
        }
    }

    HistoryLimits historyOf(String room) {
        for (PatternHistory entry : historyByPattern) {
            if (entry.rooms.matches(room)) {
                return entry.limits;
            }
        }
        return history;
    }

    private static Rate fourTimes(Rate rate) {
        return new Rate(4 * rate.perSecond(), (int) Math.min(Integer.MAX_VALUE, 4L * rate.burst()));
    }

    /** How long a user may be away who went for this cause. */
    Duration grace(Cause cause) {
        return cause == Cause.LOST ? duration(Limit.GRACE) : Duration.ZERO;
    }

    /** Checks a name that a handshake brings. */
    boolean fits(String name) {
        return Names.fault(name, count(Limit.NAME_LENGTH)).isEmpty();
    }
}
