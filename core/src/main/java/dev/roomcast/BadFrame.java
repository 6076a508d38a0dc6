package dev.roomcast;

/** A client's message that is not one of the protocol. Its text is for the client; it repeats nothing of the message. */
final class BadFrame extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Frames.Cause cause;

    BadFrame(String message, Frames.Cause cause) {
        super(message, null, false, false);
        this.cause = cause;
    }

    BadFrame(String message) {
        this(message, Frames.Cause.UNKNOWN);
    }

    Frames.Cause answered() {
        return cause == null ? Frames.Cause.UNKNOWN : cause;
    }
}
