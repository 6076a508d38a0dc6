package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Access;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.OriginPolicy;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.time.Time;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a hub before it exists. Every setting has a default that is safe; none is null, and one that is given as null is
 * refused with a {@link NullPointerException} at once. Not safe for use by several threads.
 */
public final class RoomsBuilder {

    private static final Duration SHORTEST = Duration.ofMillis(1);

    final Map<Limit, Long> limits = new EnumMap<>(Limit.class);
    final Map<String, HistoryLimits> historyByPattern = new LinkedHashMap<>();
    HistoryLimits history = HistoryLimits.DEFAULT;
    OriginPolicy origins = OriginPolicy.sameOrigin();
    Rate rate = Rate.DEFAULT;

    @Nullable
    Rate userRate;

    Rate handshakes = new Rate(50, 500);

    @Nullable
    Authenticator authenticator;

    @Nullable
    Access access;

    Sanitizer sanitizer = Sanitizer.text();
    final Map<String, Sanitizer> sanitizerByType = new LinkedHashMap<>();
    boolean evictOldest;
    Overflow overflow = Overflow.RESYNC;
    Duration heartbeat = Duration.ofSeconds(30);
    MessageHandler handler = MessageHandler.relay();
    RoomListener listener = new RoomListener() {};
    Observer observer = new Observer() {};

    @Nullable
    Bridge bridge;

    @Nullable
    Executor executor;

    @Nullable
    Time time;

    /** How many threads may deliver to one big room. */
    int cores = Runtime.getRuntime().availableProcessors();

    RoomsBuilder() {}

    /**
     * Names the web pages that may open connections. Default: those of the same origin as the endpoint.
     *
     * @param origins for example {@code https://app.example.com}; {@code *} for any page
     * @return this
     * @throws IllegalArgumentException if one of them is not an origin
     */
    public RoomsBuilder allowedOrigins(String... origins) {
        return origins(OriginPolicy.of(List.of(Objects.requireNonNull(origins, "origins"))));
    }

    /**
     * Sets which web pages may open connections. Default: {@link OriginPolicy#sameOrigin()}.
     *
     * @param policy the policy
     * @return this
     */
    public RoomsBuilder origins(OriginPolicy policy) {
        this.origins = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Sets who finds out who someone is. Without one the user is whoever the URL says, which is for trusted networks; the
     * hub says so in the log.
     *
     * @param authenticator the authenticator
     * @return this
     */
    public RoomsBuilder authenticator(Authenticator authenticator) {
        this.authenticator = Objects.requireNonNull(authenticator, "authenticator");
        return this;
    }

    /**
     * Sets who may be where, and say what. Default: everyone may everything.
     *
     * @param access the judge
     * @return this
     */
    public RoomsBuilder access(Access access) {
        this.access = Objects.requireNonNull(access, "access");
        return this;
    }

    /**
     * Sets what is done to the strings of clients: content, metadata and names. Default: {@link Sanitizer#text()}.
     *
     * @param sanitizer the sanitizer
     * @return this
     */
    public RoomsBuilder sanitizer(Sanitizer sanitizer) {
        this.sanitizer = Objects.requireNonNull(sanitizer, "sanitizer");
        return this;
    }

    /**
     * Sets what is done to the content of one type of message.
     *
     * @param type the type
     * @param sanitizer the sanitizer
     * @return this
     */
    public RoomsBuilder sanitizer(String type, Sanitizer sanitizer) {
        sanitizerByType.put(Objects.requireNonNull(type, "type"), Objects.requireNonNull(sanitizer, "sanitizer"));
        return this;
    }

    /**
     * Sets what happens when more waits for a slow connection than it may. Default: {@link Overflow#RESYNC}.
     *
     * @param overflow what to do
     * @return this
     */
    public RoomsBuilder overflow(Overflow overflow) {
        this.overflow = Objects.requireNonNull(overflow, "overflow");
        return this;
    }

    /**
     * Closes the oldest connection of a user that has more than {@link Limit#CONNECTIONS_PER_USER}, in the place of the
     * newest.
     *
     * @return this
     */
    public RoomsBuilder evictOldestConnection() {
        this.evictOldest = true;
        return this;
    }

    /**
     * Sets how many messages each user may send, all connections on all instances together. Default: four times what each
     * connection may send. Instances tell each other in blocks of an eighth of the burst what was sent: a user on {@code k}
     * of them gets the rate times {@code 1 + (k - 1) / 8} at most in the long run, and for a moment the burst on each; the
     * whole rate on each while the bridge is away.
     *
     * @param rate the rate
     * @return this
     */
    public RoomsBuilder userRate(Rate rate) {
        this.userRate = Objects.requireNonNull(rate, "rate");
        return this;
    }

    /**
     * Sets how many handshakes may come from one address, where the container tells addresses. More are refused with HTTP
     * 429. Default: 50 per second, 500 at once. Behind a proxy all come from the proxy's address: limit them there, and set a
     * high rate here.
     *
     * @param rate the rate
     * @return this
     */
    public RoomsBuilder handshakes(Rate rate) {
        this.handshakes = Objects.requireNonNull(rate, "rate");
        return this;
    }

    /**
     * Sets how often each connection is pinged. Default: 30 s. A connection of which nothing is heard until the next round
     * is closed.
     *
     * @param interval at least 1 ms; more than a hundred years is a hundred years
     * @return this
     * @throws IllegalArgumentException if it is shorter
     */
    public RoomsBuilder heartbeat(Duration interval) {
        if (Objects.requireNonNull(interval, "interval").compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("a heartbeat takes at least 1 ms: " + interval);
        }
        this.heartbeat = interval.compareTo(Settings.LONGEST) < 0 ? interval : Settings.LONGEST;
        return this;
    }

    /**
     * Sets how many messages each connection may send. Default: {@link Rate#DEFAULT}.
     *
     * @param rate the rate
     * @return this
     */
    public RoomsBuilder rate(Rate rate) {
        this.rate = Objects.requireNonNull(rate, "rate");
        return this;
    }

    /**
     * Changes one limit.
     *
     * @param limit which
     * @param value in the limit's unit
     * @return this
     * @throws IllegalArgumentException if the value is smaller than the limit allows
     */
    public RoomsBuilder limit(Limit limit, long value) {
        Objects.requireNonNull(limit, "limit");
        if (value < limit.smallest()) {
            throw new IllegalArgumentException(limit + " is at least " + limit.smallest() + ": " + value);
        }
        limits.put(limit, value);
        return this;
    }

    /**
     * Sets how much history each room keeps. Default: {@link HistoryLimits#DEFAULT}.
     *
     * @param history the limits
     * @return this
     */
    public RoomsBuilder history(HistoryLimits history) {
        this.history = Objects.requireNonNull(history, "history");
        return this;
    }

    /**
     * Sets how much history the rooms with certain names keep. The first pattern that matches counts.
     *
     * @param pattern a room's name, in which {@code *} stands for any characters
     * @param history the limits
     * @return this
     */
    public RoomsBuilder history(String pattern, HistoryLimits history) {
        historyByPattern.put(Objects.requireNonNull(pattern, "pattern"), Objects.requireNonNull(history, "history"));
        return this;
    }

    /**
     * Sets what happens with a client's message. Default: {@link MessageHandler#relay()}.
     *
     * @param handler the handler
     * @return this
     */
    public RoomsBuilder handler(MessageHandler handler) {
        this.handler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * Tells the host who comes and goes.
     *
     * @param listener the listener
     * @return this
     */
    public RoomsBuilder listener(RoomListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /**
     * Tells monitoring what the hub does.
     *
     * @param observer the observer
     * @return this
     */
    public RoomsBuilder observer(Observer observer) {
        this.observer = Objects.requireNonNull(observer, "observer");
        return this;
    }

    /**
     * Sets where the host's code runs. Without it the handler runs on the container's thread, which is right when that
     * thread may block, and the listener on threads of the hub that do nothing else, as many as cores. The executor is never
     * closed by the hub.
     *
     * @param executor runs the handler and the listener: each task it does not reject, once. One that drops tasks silently
     *     stops the connections and rooms whose tasks they were
     * @return this
     */
    public RoomsBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    /**
     * Sets what joins this hub with others. Default: {@link Bridge#local()}. The hub starts it and closes it.
     *
     * @param bridge a bridge that no other hub uses
     * @return this
     */
    public RoomsBuilder bridge(Bridge bridge) {
        this.bridge = Objects.requireNonNull(bridge, "bridge");
        return this;
    }

    /**
     * Sets clock and timers, for tests. Default: the machine's. A clock that was given is not closed by the hub.
     *
     * @param time the clock
     * @return this
     */
    public RoomsBuilder time(Time time) {
        this.time = Objects.requireNonNull(time, "time");
        return this;
    }

    /**
     * Builds the hub and starts its bridge.
     *
     * @return a new hub, to be closed by the host
     */
    public Rooms build() {
        return new Rooms(this);
    }
}
