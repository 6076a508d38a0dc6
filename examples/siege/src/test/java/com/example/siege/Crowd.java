package com.example.siege;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;

/** Attackers from fifty addresses. One whose connection is gone comes back. Closing cuts them all. */
final class Crowd implements AutoCloseable {

    private static final int ADDRESSES = 50;

    private final Loop loop;
    private final Peer[] peers;
    private final int opensPerTick;
    private final IntFunction<Script> scripts;
    private final AtomicLong opened = new AtomicLong();
    private int next;

    Crowd(InetSocketAddress server, int size, int opensPerTick, IntFunction<Script> scripts) throws IOException {
        this.loop = new Loop("attackers", server);
        this.peers = new Peer[size];
        this.opensPerTick = opensPerTick;
        this.scripts = scripts;
        loop.eachTick(this::refill);
    }

    private void refill() {
        int openedNow = 0;
        for (int looked = 0; looked < peers.length && openedNow < opensPerTick; looked++) {
            int i = next;
            next = (next + 1) % peers.length;
            if (peers[i] == null || peers[i].isClosed()) {
                peers[i] = loop.open("127.0.1." + (1 + i % ADDRESSES), scripts.apply(i));
                openedNow++;
            }
        }
        opened.addAndGet(openedNow);
    }

    /** How many connections were opened so far, those that came back too. */
    long opened() {
        return opened.get();
    }

    @Override
    public void close() {
        loop.close();
    }
}
