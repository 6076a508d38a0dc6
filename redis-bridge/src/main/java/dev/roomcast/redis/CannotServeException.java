package dev.roomcast.redis;

/** What answers is no Redis that the bridge can work with, or not now. */
final class CannotServeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Whether it stays so until someone changes a setting. */
    final boolean isLasting;

    CannotServeException(String why, boolean isLasting) {
        super(why);
        this.isLasting = isLasting;
    }
}
