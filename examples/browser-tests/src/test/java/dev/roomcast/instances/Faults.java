package dev.roomcast.instances;

import dev.roomcast.testkit.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Two instances in processes of their own and a Redis that writes each change down before it answers, of which now and then
 * one is killed and started again. Meanwhile clients are led to the instance that is there.
 */
final class Faults implements AutoCloseable {

    private static final int INSTANCES = 2;

    /** How long Redis is away at least: clients and instances notice, and what is said meanwhile waits. */
    private static final int AWAY_MILLIS = 300;

    private final RedisServer redis =
            RedisServer.builder().persistence(RedisServer.Persistence.ALWAYS).start();
    private final InstanceProcess[] instances = new InstanceProcess[INSTANCES];
    private final List<Balancer> ways = List.of(new Balancer(INSTANCES), new Balancer(INSTANCES));
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final List<Future<?>> begun = new ArrayList<>();
    private int killed;
    private int restarts;

    /** Returns when the instances listen. */
    Faults() throws InterruptedException {
        List<Thread> starts = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            int number = i;
            instances[i] = new InstanceProcess(redis.uri());
            starts.add(new Thread(() -> start(number)));
        }
        starts.forEach(Thread::start);
        for (Thread start : starts) {
            start.join();
        }
    }

    String redis() {
        return redis.uri();
    }

    /** The way of the client that is cut. */
    Balancer cutWay() {
        return ways.get(0);
    }

    /** The way of the others. */
    Balancer calmWay() {
        return ways.get(1);
    }

    /** Kills the instance whose turn it is, and starts another one for it or leaves its clients to the one that remains. */
    void killInstance(boolean startsAgain) {
        int number = killed++ % INSTANCES;
        begun.add(thread.submit(() -> {
            ways.forEach(way -> way.down(number));
            instances[number].kill();
            if (startsAgain) {
                start(number);
            }
        }));
    }

    /** Kills Redis; starts it again with what it had written. */
    void killRedis() {
        restarts++;
        begun.add(thread.submit(redis::kill));
        begun.add(thread.schedule(redis::restart, AWAY_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** Waits until all are there again; fails if one did not start. */
    void awaitEnd() throws Exception {
        for (Future<?> one : begun) {
            one.get(60, TimeUnit.SECONDS);
        }
    }

    int killedInstances() {
        return killed;
    }

    int killedRedis() {
        return restarts;
    }

    private void start(int number) {
        instances[number].start();
        ways.forEach(way -> way.up(number, instances[number].port()));
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ways.forEach(Balancer::close);
        for (InstanceProcess instance : instances) {
            instance.close();
        }
        redis.close();
    }
}
