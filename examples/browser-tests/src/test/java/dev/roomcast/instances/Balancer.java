package dev.roomcast.instances;

import dev.roomcast.jakarta.behaviour.CuttingProxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** One address for several instances: each new connection goes to the next of those that are up. */
final class Balancer implements AutoCloseable {

    private final AtomicIntegerArray ports;
    private final AtomicInteger turn = new AtomicInteger();
    private final CuttingProxy network = new CuttingProxy(this::next);

    Balancer(int instances) {
        ports = new AtomicIntegerArray(instances);
    }

    /** From now on connections go there too. */
    void up(int instance, int port) {
        ports.set(instance, port);
    }

    /** No new connection goes there; those that are there stay. */
    void down(int instance) {
        ports.set(instance, 0);
    }

    CuttingProxy network() {
        return network;
    }

    /** 0, where nobody listens, if none is up. */
    private int next() {
        int start = turn.getAndIncrement();
        for (int i = 0; i < ports.length(); i++) {
            int port = ports.get(Math.floorMod(start + i, ports.length()));
            if (port != 0) {
                return port;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        network.close();
    }
}
