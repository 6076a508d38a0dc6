package dev.roomcast;

import dev.roomcast.guard.Rate;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A hub with one room {@code r} full of clients that take everything at once. */
final class Crowd implements AutoCloseable {

    /** A client. */
    record Seat(Inbound inbound) {}

    final Hub hub;
    final Room room;

    private final List<Seat> seats = new ArrayList<>();

    Crowd(int members, int threads) {
        RoomsBuilder builder = Rooms.builder()
                .heartbeat(Duration.ofDays(1))
                .rate(new Rate(1_000_000_000, 1_000_000_000))
                .handshakes(new Rate(1_000_000_000, 1_000_000_000));
        builder.cores = threads;
        hub = new Hub(builder);
        room = hub.room("r");
        for (int i = 0; i < members; i++) {
            connect(Handshake.builder()
                    .parameter("room", "r")
                    .parameter("user", "u" + i)
                    .build());
        }
        if (hub.counters.memberships.sum() != members) {
            throw new AssertionError("members: " + hub.counters.memberships.sum());
        }
    }

    Seat connect(Handshake handshake) {
        Seat seat = new Seat(hub.accept(handshake, new NullTransport()));
        seats.add(seat);
        return seat;
    }

    @Override
    public void close() {
        seats.forEach(seat -> seat.inbound().closed(1000));
        hub.close();
    }
}
