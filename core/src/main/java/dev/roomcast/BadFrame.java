package dev.roomcast;

import org.jspecify.annotations.Nullable;

/** A client's message that is not one of the protocol. Its text is for the client; it repeats nothing of the message. */
final class BadFrame extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Frames.Cause cause;
    private final @Nullable Limit limit;

    BadFrame(String message, Frames.Cause cause, @Nullable Limit limit) {
        super(message, null, false, false);
        this.cause = cause;
        this.limit = limit;
    }

    BadFrame(String message, Frames.Cause cause) {
        this(message, cause, null);
    }

    BadFrame(String message) {
        this(message, Frames.Cause.UNKNOWN);
    }

    /** The limit that was hit; null if it is not a matter of one. */
    @Nullable
    Limit limit() {
        return limit;
    }

    Frames.Cause answered() {
        return cause == null ? Frames.Cause.UNKNOWN : cause;
    }
}
