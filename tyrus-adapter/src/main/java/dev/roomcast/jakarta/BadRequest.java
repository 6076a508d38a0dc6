package dev.roomcast.jakarta;

/** A request that is answered with an error before anybody looks at what it asks for. */
@SuppressWarnings("serial")
final class BadRequest extends Exception {

    private final int status;

    /** Has no stack trace: it is an answer, not a fault. */
    BadRequest(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }
}
