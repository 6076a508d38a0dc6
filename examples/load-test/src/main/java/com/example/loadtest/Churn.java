package com.example.loadtest;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Has connections join rooms by message and leave them a moment later. The rooms are other ones than those that are
 * published in, so that a member who is away misses nothing. Joins and leaves are sent at set times, and each connection has
 * its turn.
 */
final class Churn implements Schedule {

    private static final int ROOMS = 1000;
    private static final int AT_ONCE = 64;
    private static final double STAY_SECONDS = 2;

    private record Visit(Client client, String room) {}

    private final List<Client> clients;
    private final long begin;
    private final double nanosBetween;
    private final int stay;
    private final Queue<Visit> inside = new ArrayDeque<>();
    private long turns;
    private long joins;
    private long leaves;

    /**
     * Begins at a time.
     *
     * @param begin in nanoseconds since the run began
     * @param perSecond joins, and after a moment as many leaves
     */
    Churn(List<Client> clients, long begin, double perSecond) {
        this.clients = clients;
        this.begin = begin;
        this.nanosBetween = 1e9 / perSecond;
        // Nobody is in two of these rooms at once.
        this.stay = (int) Math.max(1, Math.min(clients.size() - 1.0, perSecond * STAY_SECONDS));
    }

    /** Joins that were sent. */
    long joins() {
        return joins;
    }

    long leaves() {
        return leaves;
    }

    @Override
    public long due() {
        return begin + (long) (turns * nanosBetween);
    }

    @Override
    public void run(long now) {
        for (int i = 0; i < AT_ONCE && due() <= now; i++) {
            Visit visit = new Visit(clients.get((int) (turns % clients.size())), "churn-" + turns % ROOMS);
            turns++;
            joins += say("join", visit);
            inside.add(visit);
            if (inside.size() > stay) {
                leaves += say("leave", inside.remove());
            }
        }
    }

    /** Returns how many messages were sent: none if the connection is gone. */
    private static int say(String type, Visit visit) {
        if (!visit.client().open()) {
            return 0;
        }
        byte[] message = Stamp.ascii("{\"type\":\"" + type + "\",\"room\":\"" + visit.room() + "\"}");
        visit.client().send(Outgoing.TEXT, message, 0, message.length);
        visit.client().flush();
        return 1;
    }
}
