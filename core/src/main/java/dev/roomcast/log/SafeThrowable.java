package dev.roomcast.log;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Stands for another exception in a log: its class, its frames and causes, bounded, and its message only as safe text. */
final class SafeThrowable extends Throwable {

    private static final long serialVersionUID = 1L;

    /** A stack overflow has a thousand. */
    private static final int MOST_FRAMES = 64;

    private static final int MOST_CAUSES = 8;

    private SafeThrowable(String text, @Nullable Throwable cause) {
        super(text, cause, false, true);
    }

    static SafeThrowable of(Throwable failure, boolean withMessages) {
        return of(failure, withMessages, MOST_CAUSES);
    }

    private static SafeThrowable of(Throwable failure, boolean withMessages, int causes) {
        Throwable cause = causes == 0 ? null : failure.getCause();
        String name = failure.getClass().getName();
        String message = withMessages ? failure.getMessage() : null;
        SafeThrowable safe = new SafeThrowable(
                message == null ? name : name + ": " + SafeText.of(message),
                cause == null || cause == failure ? null : of(cause, withMessages, causes - 1));
        StackTraceElement[] frames = failure.getStackTrace();
        safe.setStackTrace(frames.length > MOST_FRAMES ? Arrays.copyOf(frames, MOST_FRAMES) : frames);
        return safe;
    }

    /** Without the name of this class, which says nothing. */
    @Override
    @SuppressWarnings("OverrideThrowableToString")
    public String toString() {
        return String.valueOf(getMessage());
    }
}
