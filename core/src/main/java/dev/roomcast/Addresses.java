package dev.roomcast;

import dev.roomcast.guard.Rate;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts handshakes per address of the peer. Remembers a bounded number of addresses, those that came last; an attacker with
 * more addresses than that is not stopped here.
 */
final class Addresses {

    private final Rate rate;

    /** Guarded by itself; in the order of last use. */
    private final Map<String, Rate.Bucket> buckets;

    /** {@code forgotten} is told when an address is forgotten for another. */
    Addresses(Rate rate, int most, Runnable forgotten) {
        this.rate = rate;
        this.buckets = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Rate.Bucket> eldest) {
                boolean full = size() > most;
                if (full) {
                    forgotten.run();
                }
                return full;
            }
        };
    }

    /** Whether one more may come from an address now. */
    boolean take(String address, long now) {
        synchronized (buckets) {
            return buckets.computeIfAbsent(address, unknown -> rate.bucket(now))
                    .take(now)
                    .isZero();
        }
    }
}
