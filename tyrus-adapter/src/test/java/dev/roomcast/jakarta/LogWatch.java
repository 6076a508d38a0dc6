package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the server and its container log meanwhile, from {@code WARNING} on. */
final class LogWatch extends Handler implements AutoCloseable {

    private static final Logger ALL = Logger.getLogger("");

    private final List<String> lines = new CopyOnWriteArrayList<>();

    static LogWatch start() {
        LogWatch watch = new LogWatch();
        ALL.addHandler(watch);
        return watch;
    }

    @Override
    public void publish(LogRecord logged) {
        String logger = String.valueOf(logged.getLoggerName());
        boolean ofServer = logger.startsWith("dev.roomcast.jakarta") || logger.startsWith("org.glassfish");
        if (ofServer && logged.getLevel().intValue() >= Level.WARNING.intValue()) {
            lines.add(logger + ": " + logged.getMessage() + " " + logged.getThrown());
        }
    }

    List<String> lines() {
        return lines;
    }

    void assertEmpty() {
        assertEquals(List.of(), lines);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        ALL.removeHandler(this);
    }
}
