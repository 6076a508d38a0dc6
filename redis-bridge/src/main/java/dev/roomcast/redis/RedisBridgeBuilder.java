package dev.roomcast.redis;

import io.lettuce.core.RedisClient;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a {@link RedisBridge} is to be. Not thread-safe. */
public final class RedisBridgeBuilder {

    final RedisAddress uri;
    final @Nullable RedisClient client;
    Keys keys = new Keys("roomcast");
    boolean failsFast;
    WhileAway whileAway = WhileAway.WAIT;
    Timing timing = Timing.DEFAULT;
    Clock clock = Clock.REDIS;

    RedisBridgeBuilder(RedisAddress uri, @Nullable RedisClient client) {
        this.uri = uri;
        this.client = client;
    }

    /**
     * What all keys and channels begin with; {@code roomcast} by default. Instances share rooms if they share it. An ACL
     * can confine the bridge to it: {@code ~roomcast:* &roomcast:* &roomcast@*}.
     *
     * @param prefix letters, digits, '.', '_', '-' and ':'
     * @return this
     * @throws IllegalArgumentException if it is empty or has other characters
     */
    public RedisBridgeBuilder prefix(String prefix) {
        keys = new Keys(prefix);
        return this;
    }

    /**
     * Makes the hub's {@code build()} fail if Redis cannot be reached within two seconds. Without it the hub starts as
     * {@link dev.roomcast.Status#ISOLATED}, says so and why once in the log, and joins when Redis comes. A Redis that is lost later is
     * waited for either way.
     *
     * @return this
     */
    public RedisBridgeBuilder failFast() {
        failsFast = true;
        return this;
    }

    /**
     * Chooses what becomes of messages that are to be kept while Redis is away: {@link WhileAway#WAIT} by default. Instances
     * that share rooms need not choose the same.
     *
     * @param choice what is to be done
     * @return this
     */
    public RedisBridgeBuilder whileAway(WhileAway choice) {
        whileAway = Objects.requireNonNull(choice, "choice");
        return this;
    }

    /** For tests. */
    RedisBridgeBuilder timing(Timing timing) {
        this.timing = timing;
        return this;
    }

    /** For tests. */
    RedisBridgeBuilder clock(Clock clock) {
        this.clock = clock;
        return this;
    }

    /**
     * Makes the bridge. It connects when its hub starts it.
     *
     * @return a bridge for one hub
     */
    public RedisBridge build() {
        return new RedisBridge(this);
    }
}
