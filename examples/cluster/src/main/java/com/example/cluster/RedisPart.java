package com.example.cluster;

import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.RedisServer.Persistence;

/** The Redis of the cluster. Each write reaches its disk before it is answered, so that killing it loses nothing. */
final class RedisPart implements Part {

    private final RedisServer redis =
            RedisServer.builder().persistence(Persistence.ALWAYS).start();

    // Guarded by this.
    private boolean running = true;

    String uri() {
        return redis.uri();
    }

    @Override
    public String name() {
        return "Redis";
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }

    @Override
    public synchronized void start() {
        if (!running) {
            redis.restart();
            running = true;
        }
    }

    @Override
    public synchronized void kill() {
        running = false;
        redis.kill();
    }

    @Override
    public synchronized void close() {
        running = false;
        redis.close();
    }
}
