package dev.roomcast.jakarta;

/**
 * One bounded line of a log for a failure whose message may quote what a client sent: the types of the failure and of its
 * cause, its message, and where it was thrown. Whatever is not printable ASCII is escaped, so a client cannot write lines of
 * its own.
 */
final class LogText {

    private static final int MOST = 200;

    private LogText() {}

    static String of(Throwable failure) {
        StringBuilder line = new StringBuilder(failure.getClass().getName());
        if (failure.getMessage() != null) {
            line.append(": ").append(escaped(failure.getMessage()));
        }
        StackTraceElement[] trace = failure.getStackTrace();
        if (trace.length > 0) {
            line.append(" at ").append(trace[0]);
        }
        if (failure.getCause() != null) {
            line.append(", caused by ").append(failure.getCause().getClass().getName());
        }
        return line.toString();
    }

    /** At most {@value #MOST} characters of a text, as one line of printable ASCII. */
    static String escaped(String text) {
        StringBuilder safe = new StringBuilder();
        for (int i = 0; i < text.length() && i < MOST; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f && c != '\\') {
                safe.append(c);
            } else {
                safe.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.length() > MOST ? safe + "..." : safe.toString();
    }
}
