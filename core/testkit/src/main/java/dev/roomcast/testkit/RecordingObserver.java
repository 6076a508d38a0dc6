package dev.roomcast.testkit;

import dev.roomcast.CloseCode;
import dev.roomcast.Connection;
import dev.roomcast.ErrorCode;
import dev.roomcast.Limit;
import dev.roomcast.Observer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what a hub reported, each event as one line: {@code open one}, {@code close one 1000},
 * {@code close one 4008 TOO_SLOW}, {@code refuse one BAD_REQUEST}, {@code drop one 3}, {@code limit OUTBOX_BYTES one}. Safe
 * for use by any thread.
 */
public final class RecordingObserver implements Observer {

    private final List<String> events = new CopyOnWriteArrayList<>();

    /** An observer that has seen nothing. */
    public RecordingObserver() {}

    /**
     * What was reported so far.
     *
     * @return a copy, one line per event
     */
    public List<String> events() {
        return List.copyOf(events);
    }

    @Override
    public void onOpen(Connection connection) {
        events.add("open " + connection.userId());
    }

    @Override
    public void onClose(Connection connection, int code, @Nullable CloseCode ours) {
        events.add("close " + connection.userId() + " " + code + (ours == null ? "" : " " + ours));
    }

    @Override
    public void onRefuse(Connection connection, ErrorCode code, String reason) {
        events.add("refuse " + connection.userId() + " " + code);
    }

    @Override
    public void onDrop(Connection connection, int frames) {
        events.add("drop " + connection.userId() + " " + frames);
    }

    @Override
    public void onLimit(Limit limit, @Nullable Connection connection) {
        events.add("limit " + limit + (connection == null ? "" : " " + connection.userId()));
    }
}
