package dev.roomcast.bridge;

import java.time.Duration;

/** A bridge refused, or could not do, what it was asked. Carries no payload. */
public final class BridgeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** The backend is away or full; the same request may succeed later. */
        UNAVAILABLE,
        /** The message's id was used before, with other content. */
        ID_CONFLICT,
        /** Too many ids are remembered for this user and room. */
        TOO_MANY_IDS
    }

    /** Why. */
    private final Reason reason;

    private final transient Duration retryAfter;

    /**
     * A refusal.
     *
     * @param reason why
     * @param message for the log; no payload, no secret
     * @param retryAfter when to try again; zero if it makes no sense or is not known
     */
    public BridgeException(Reason reason, String message, Duration retryAfter) {
        super(message);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /**
     * Why.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * When to try again.
     *
     * @return a duration; zero if it makes no sense or is not known
     */
    public Duration retryAfter() {
        return retryAfter == null ? Duration.ZERO : retryAfter;
    }
}
