package dev.roomcast.bridge;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A bridge to nowhere: one instance, everything in memory, every stage completed when it is returned. */
final class LocalBridge implements Bridge {

    private @Nullable LocalBroadcaster broadcaster;
    private @Nullable LocalRoster roster;
    private final Directory directory = new LocalDirectory();

    @Override
    public void start(Context context) {
        if (broadcaster != null) {
            throw new IllegalStateException("a bridge serves one hub and was started before");
        }
        broadcaster = new LocalBroadcaster(context);
        roster = new LocalRoster(context);
    }

    @Override
    public Broadcaster broadcaster() {
        return Objects.requireNonNull(broadcaster, "not started");
    }

    @Override
    public Roster roster() {
        return Objects.requireNonNull(roster, "not started");
    }

    @Override
    public Directory directory() {
        return directory;
    }

    @Override
    public void close() {
        if (broadcaster != null) {
            broadcaster.close();
        }
        if (roster != null) {
            roster.close();
        }
    }
}
