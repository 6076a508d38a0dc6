package dev.roomcast.jakarta;

/**
 * One bounded line of a log for a failure that a client may bring about: the types of the failure and of its causes, and where
 * it was thrown. Not its message: that may quote what the client sent, the token in its URL or lines of its own.
 */
final class LogText {

    private static final int MOST_CAUSES = 4;

    private LogText() {}

    static String of(Throwable failure) {
        StringBuilder line = new StringBuilder(failure.getClass().getName());
        StackTraceElement[] trace = failure.getStackTrace();
        if (trace.length > 0) {
            line.append(" at ").append(trace[0]);
        }
        Throwable cause = failure.getCause();
        for (int i = 0; i < MOST_CAUSES && cause != null; i++) {
            line.append(", caused by ").append(cause.getClass().getName());
            cause = cause.getCause();
        }
        return line.toString();
    }
}
