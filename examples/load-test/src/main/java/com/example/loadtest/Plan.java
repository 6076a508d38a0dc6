package com.example.loadtest;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What one run does.
 *
 * @param url where the rooms are, such as {@code ws://127.0.0.1:8080/rooms}; room and user are added to it
 * @param connections all of them, dealt out over the rooms
 * @param publishers in each room
 * @param rate messages per second of all publishers together; 0 for a closed loop
 * @param inFlight messages that each publisher of a closed loop has on the way
 * @param bytes size of a message as it is delivered, about
 * @param v1 whether {@code roomcast.v1} is offered
 * @param pid the server's process, if it is on this machine
 * @param awake whether the generator's threads never sleep
 */
record Plan(
        URI url,
        int connections,
        int rooms,
        int publishers,
        double rate,
        int inFlight,
        int bytes,
        boolean v1,
        Duration warmup,
        Duration duration,
        int threads,
        OptionalLong pid,
        boolean awake) {

    /** Ephemeral ports of one address that a run uses at most: Linux has 28,232. */
    static final int CONNECTIONS_PER_ADDRESS = 15_000;

    Plan inFlight(int number) {
        return new Plan(
                url, connections, rooms, publishers, 0, number, bytes, v1, warmup, duration, threads, pid, awake);
    }

    Plan rate(double perSecond) {
        return new Plan(
                url, connections, rooms, publishers, perSecond, 0, bytes, v1, warmup, duration, threads, pid, awake);
    }

    Plan rooms(int number, int membersOfEach) {
        return new Plan(
                url,
                number * membersOfEach,
                number,
                publishers,
                rate,
                inFlight,
                bytes,
                v1,
                warmup,
                duration,
                threads,
                pid,
                awake);
    }

    Plan v1(boolean offered) {
        return new Plan(
                url,
                connections,
                rooms,
                publishers,
                rate,
                inFlight,
                bytes,
                offered,
                warmup,
                duration,
                threads,
                pid,
                awake);
    }

    Plan staysAwake() {
        return new Plan(
                url, connections, rooms, publishers, rate, inFlight, bytes, v1, warmup, duration, threads, pid, true);
    }

    Plan server(URI where, long process) {
        return new Plan(
                where,
                connections,
                rooms,
                publishers,
                rate,
                inFlight,
                bytes,
                v1,
                warmup,
                duration,
                threads,
                OptionalLong.of(process),
                awake);
    }

    InetSocketAddress server() {
        return new InetSocketAddress(url.getHost(), url.getPort() < 0 ? 80 : url.getPort());
    }

    /** In words, for people. */
    String text() {
        return "%,d connections in %,d room%s, %s, %d bytes, %s"
                .formatted(
                        connections,
                        rooms,
                        rooms == 1 ? "" : "s",
                        rate > 0
                                ? "%,.0f messages/s".formatted(rate)
                                : "%d in flight for each of %,d publisher%s"
                                        .formatted(inFlight, rooms * publishers, rooms * publishers == 1 ? "" : "s"),
                        bytes,
                        v1 ? "roomcast.v1" : "plain");
    }
}
