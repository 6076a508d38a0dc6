package dev.roomcast.jakarta.behaviour;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What any logger says while this is open that no input from outside may cause: an exception, or an error. */
final class LoggedFaults implements AutoCloseable {

    private final Logger root = Logger.getLogger("");
    private final List<String> faults = new CopyOnWriteArrayList<>();

    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord record) {
            if (record.getThrown() != null || record.getLevel().intValue() >= Level.SEVERE.intValue()) {
                StringWriter fault = new StringWriter();
                fault.append(record.getLoggerName())
                        .append(": ")
                        .append(record.getMessage())
                        .append('\n');
                if (record.getThrown() != null) {
                    record.getThrown().printStackTrace(new PrintWriter(fault, true));
                }
                faults.add(fault.toString());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    LoggedFaults() {
        root.addHandler(recorder);
    }

    /** The faults since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(faults);
        faults.removeAll(taken);
        return taken;
    }

    @Override
    public void close() {
        root.removeHandler(recorder);
    }
}
