package dev.roomcast.log;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs faults that a client may be able to cause, as often as it likes. Of each place in the code the first fault within a
 * second is logged with its stack trace; of the others the number, a second later. Text from outside cannot forge a line: it
 * is shortened, and control characters in it are escaped.
 *
 * <p>The message of an exception may quote what a client has sent. {@link #hostFault} therefore names only the class and the
 * trace, unless the logger is enabled for {@code DEBUG}.
 *
 * <p>Safe for use by any thread; never throws.
 */
public final class FaultLog {

    private static final long SECOND = 1_000_000_000;

    /** Places that are told apart; those beyond count as one. */
    private static final int MOST_PLACES = 256;

    private static final String OTHERS = "Faults at other places";

    private final System.Logger logger;
    private final LongSupplier nanos;
    private final Executor aSecondLater;

    /** Guarded by itself. */
    private final Map<String, Place> places = new HashMap<>();

    private static final class Place {
        private long since;
        private long more;
        private boolean isCounting;
    }

    /**
     * A log with counts of its own.
     *
     * @param logger where it is written to
     */
    public FaultLog(System.Logger logger) {
        this(logger, System::nanoTime, CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS));
    }

    FaultLog(System.Logger logger, LongSupplier nanos, Executor aSecondLater) {
        this.logger = logger;
        this.nanos = nanos;
        this.aSecondLater = aSecondLater;
    }

    /**
     * Logs a fault, with the messages of its exceptions.
     *
     * @param level the level
     * @param what what failed: a constant, which is also the place whose faults are counted together
     * @param about what it concerns, as text; null for nothing
     * @param failure the exception; null for none
     */
    public void fault(System.Logger.Level level, String what, @Nullable Object about, @Nullable Throwable failure) {
        log(level, what, about, failure, true);
    }

    /**
     * Logs a fault of code that has seen what a client has sent: without the messages of its exceptions, unless the logger is
     * enabled for {@code DEBUG}.
     *
     * @param level the level
     * @param what what failed: a constant, which is also the place whose faults are counted together
     * @param about what it concerns, as text; null for nothing
     * @param failure the exception
     */
    public void hostFault(System.Logger.Level level, String what, @Nullable Object about, Throwable failure) {
        log(level, what, about, failure, logger.isLoggable(System.Logger.Level.DEBUG));
    }

    private void log(
            System.Logger.Level level,
            String what,
            @Nullable Object about,
            @Nullable Throwable failure,
            boolean withMessages) {
        try {
            if (isFirst(level, what)) {
                String text = about == null ? what : what + ": " + SafeText.of(String.valueOf(about));
                if (failure == null) {
                    logger.log(level, text);
                } else {
                    logger.log(level, text, SafeThrowable.of(failure, withMessages));
                }
            }
        } catch (Throwable e) {
            // A fault that cannot be logged must not become one of whoever logs it.
        }
    }

    /** Whether a fault is to be logged by itself; otherwise it is counted. */
    private boolean isFirst(System.Logger.Level level, String what) {
        Place place;
        String name;
        synchronized (places) {
            name = places.size() < MOST_PLACES || places.containsKey(what) ? what : OTHERS;
            Place known = places.get(name);
            long now = nanos.getAsLong();
            if (known == null || (now - known.since >= SECOND && !known.isCounting)) {
                place = known == null ? new Place() : known;
                place.since = now;
                places.put(name, place);
                return true;
            }
            place = known;
            place.more++;
            if (place.isCounting) {
                return false;
            }
            place.isCounting = true;
        }
        aSecondLater.execute(() -> count(level, name, place));
        return false;
    }

    private void count(System.Logger.Level level, String what, Place place) {
        long more;
        synchronized (places) {
            more = place.more;
            place.more = 0;
            place.isCounting = false;
        }
        logger.log(level, what + ": " + more + " more within a second");
    }
}
