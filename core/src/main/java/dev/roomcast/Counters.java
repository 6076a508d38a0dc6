package dev.roomcast;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What a hub has done. Written by any thread, without contention. */
final class Counters {

    final LongAdder published = new LongAdder();
    final LongAdder delivered = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder handshakesRefused = new LongAdder();
    final LongAdder isolations = new LongAdder();
    final LongAdder memberships = new LongAdder();

    private final Map<CloseCode, LongAdder> closes = adders(CloseCode.class);
    private final Map<ErrorCode, LongAdder> refusals = adders(ErrorCode.class);
    private final Map<Limit, LongAdder> limits = adders(Limit.class);

    void closed(CloseCode code) {
        increment(closes, code);
    }

    void refused(ErrorCode code) {
        increment(refusals, code);
    }

    void hit(Limit limit) {
        increment(limits, limit);
    }

    Stats read(int connections, int rooms, int timers, long memory) {
        return new Stats(
                connections,
                rooms,
                memberships.intValue(),
                timers,
                memory,
                published.sum(),
                delivered.sum(),
                dropped.sum(),
                handshakesRefused.sum(),
                isolations.sum(),
                sums(closes),
                sums(refusals),
                sums(limits));
    }

    private static <E extends Enum<E>> void increment(Map<E, LongAdder> adders, E key) {
        LongAdder adder = adders.get(key);
        if (adder != null) {
            adder.increment();
        }
    }

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            adders.put(constant, new LongAdder());
        }
        return adders;
    }

    private static <E extends Enum<E>> Map<E, Long> sums(Map<E, LongAdder> adders) {
        Map<E, Long> sums = new java.util.HashMap<>();
        adders.forEach((key, adder) -> {
            if (adder.sum() > 0) {
                sums.put(key, adder.sum());
            }
        });
        return Map.copyOf(sums);
    }
}
