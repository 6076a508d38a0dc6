package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.BridgeException;
import dev.roomcast.bridge.Broadcaster;
import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.Directory;
import dev.roomcast.bridge.HistorySlice;
import dev.roomcast.bridge.Roster;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.RosterSnapshot;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bridge whose backend goes away when a test says so, and comes back. The backend is a local bridge, to which
 * {@link #elsewhere} leads as another instance would see it: what happens there while this instance is away is kept until the
 * return, or lost. Publishing waits, as with most bridges. Safe for use by any thread.
 */
public final class AwayBridge implements Bridge {

    private final Bridge bridge = Bridge.local();
    private @Nullable Context context;

    // Guarded by this; a test is single-threaded, so what is called meanwhile may be.
    private boolean away;
    private boolean isReadable;
    private final List<Runnable> missed = new ArrayList<>();
    private final List<Runnable> postponed = new ArrayList<>();
    private final Map<String, Position> positions = new HashMap<>();
    private final Map<String, Broadcaster.Subscription> subscriptions = new HashMap<>();

    /** The backend is lost. */
    public synchronized void goesAway() {
        away = true;
        delivery().isolated(true);
    }

    /** The backend is found again by who reads history, though rooms have not found their places yet. */
    public synchronized void canBeRead() {
        isReadable = true;
    }

    /** The backend is found again; what came meanwhile is delivered. */
    public synchronized void comesBack() {
        comesBack(false);
    }

    /** The backend is found again, and of what came meanwhile nothing can be had any more. */
    public synchronized void comesBackWithoutHistory() {
        comesBack(true);
    }

    private void comesBack(boolean loses) {
        away = false;
        List<Runnable> news = List.copyOf(missed);
        missed.clear();
        positions.forEach((room, position) -> {
            Position top = now(Objects.requireNonNull(subscriptions.get(room)).top());
            boolean isUnknown = !position.comparableTo(top);
            if ((isUnknown || loses) && !position.equals(top)) {
                delivery().lost(room, position, top);
                positions.put(room, top);
            }
        });
        if (!loses) {
            news.forEach(Runnable::run);
        }
        List<Runnable> ours = List.copyOf(postponed);
        postponed.clear();
        ours.forEach(Runnable::run);
        positions.keySet().forEach(room -> delivery().release(room));
        delivery().isolated(false);
    }

    /** The backend itself, as other instances use it. */
    public Bridge elsewhere() {
        return bridge;
    }

    /** The hub's end. */
    public Delivery delivery() {
        return Objects.requireNonNull(context, "not started").delivery();
    }

    @Override
    public void start(Context given) {
        context = given;
        bridge.start(new Context(new Gate(), given.time(), given.history(), given.memory()));
    }

    @Override
    public Broadcaster broadcaster() {
        return new AwayBroadcaster();
    }

    @Override
    public Roster roster() {
        return new AwayRoster();
    }

    @Override
    public Directory directory() {
        return bridge.directory();
    }

    @Override
    public void close() {
        bridge.close();
    }

    private static BridgeException unavailable() {
        return new BridgeException(BridgeException.Reason.UNAVAILABLE, "away", Duration.ZERO);
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    /** Does it now, or when the backend is back. */
    private synchronized <T extends @Nullable Object> CompletionStage<T> sooner(Supplier<CompletionStage<T>> task) {
        if (!away) {
            return task.get();
        }
        CompletableFuture<T> later = new CompletableFuture<>();
        postponed.add(() -> task.get().whenComplete((result, failure) -> later.complete(result)));
        return later;
    }

    private synchronized void arrive(Runnable news) {
        if (away) {
            missed.add(news);
        } else {
            news.run();
        }
    }

    /** What comes from the backend, unless it is away. */
    private final class Gate implements Delivery {

        @Override
        public boolean hasSpace(String room) {
            return delivery().hasSpace(room);
        }

        @Override
        public void append(Message message) {
            arrive(() -> {
                Position position = message.position();
                Position known = positions.get(message.room());
                boolean isOld = position != null
                        && known != null
                        && known.comparableTo(position)
                        && known.offset() >= position.offset();
                if (position != null && !isOld) {
                    positions.computeIfPresent(message.room(), (room, before) -> position);
                }
                if (!isOld) {
                    delivery().append(message);
                }
            });
        }

        @Override
        public void append(RosterChange change) {
            arrive(() -> delivery().append(change));
        }

        @Override
        public void rosterMoved(String room, long rev) {
            arrive(() -> delivery().rosterMoved(room, rev));
        }

        @Override
        public void isolated(boolean isolated) {}

        @Override
        public void signal(Signal signal) {
            delivery().signal(signal);
        }

        @Override
        public void lost(String room, Position after, Position upTo) {
            arrive(() -> delivery().lost(room, after, upTo));
        }

        @Override
        public void release(String room) {
            delivery().release(room);
        }

        @Override
        public void releaseElsewhere(String room) {
            delivery().releaseElsewhere(room);
        }
    }

    private final class AwayBroadcaster implements Broadcaster {

        @Override
        public CompletionStage<@Nullable Position> publish(Message message) {
            synchronized (AwayBridge.this) {
                if (away && message.isVolatile()) {
                    delivery().append(message);
                    delivery().release(message.room());
                    return CompletableFuture.completedFuture(null);
                }
            }
            return sooner(() -> bridge.broadcaster().publish(message));
        }

        @Override
        public Subscription subscribe(String room) {
            Subscription real = bridge.broadcaster().subscribe(room);
            synchronized (AwayBridge.this) {
                subscriptions.put(room, real);
            }
            return new Subscription() {
                @Override
                public CompletionStage<Position> top() {
                    synchronized (AwayBridge.this) {
                        Position known = positions.get(room);
                        Position top = !away ? now(real.top()) : known != null ? known : new Position("own-" + room, 0);
                        positions.put(room, top);
                        return CompletableFuture.completedFuture(top);
                    }
                }

                @Override
                public void close() {
                    synchronized (AwayBridge.this) {
                        positions.remove(room);
                    }
                    real.close();
                }
            };
        }

        @Override
        public CompletionStage<HistorySlice> history(String room, @Nullable Position after, int limit) {
            synchronized (AwayBridge.this) {
                return away && !isReadable
                        ? CompletableFuture.failedFuture(unavailable())
                        : bridge.broadcaster().history(room, after, limit);
            }
        }
    }

    private final class AwayRoster implements Roster {

        @Override
        public CompletionStage<Long> join(String room, String userId, String connectionId, @Nullable Content meta) {
            synchronized (AwayBridge.this) {
                if (away) {
                    sooner(() -> bridge.roster().join(room, userId, connectionId, meta));
                    return CompletableFuture.completedFuture(LATER);
                }
                return bridge.roster().join(room, userId, connectionId, meta);
            }
        }

        @Override
        public CompletionStage<@Nullable Void> leave(
                String room, String userId, String connectionId, RosterChange.Cause cause, Duration grace) {
            synchronized (AwayBridge.this) {
                if (away) {
                    sooner(() -> bridge.roster().leave(room, userId, connectionId, cause, Duration.ZERO));
                    return CompletableFuture.completedFuture(null);
                }
                return bridge.roster().leave(room, userId, connectionId, cause, grace);
            }
        }

        @Override
        public CompletionStage<Boolean> update(String room, String userId, @Nullable Content meta) {
            synchronized (AwayBridge.this) {
                return away && !isReadable
                        ? CompletableFuture.failedFuture(unavailable())
                        : bridge.roster().update(room, userId, meta);
            }
        }

        @Override
        public CompletionStage<RosterSnapshot> read(String room) {
            synchronized (AwayBridge.this) {
                return away && !isReadable
                        ? CompletableFuture.failedFuture(unavailable())
                        : bridge.roster().read(room);
            }
        }
    }
}
