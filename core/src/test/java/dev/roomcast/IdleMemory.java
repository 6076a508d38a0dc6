package dev.roomcast;

import dev.roomcast.testkit.ManualTime;
import dev.roomcast.transport.Handshake;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures what an idle connection costs the heap beside its container: {@code IdleMemory [connections]}. With a second
 * argument it waits for Enter while the last hub is full, so that {@code jmap -histo:live} can say where it goes.
 */
final class IdleMemory {

    private static final int PER_ROOM = 10;

    private IdleMemory() {}

    /** Measures twice: connections in rooms of ten, and in none. */
    public static void main(String[] arguments) throws IOException {
        int connections = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20_000;
        bytesPerConnection(1_000, true);
        print("in no room", bytesPerConnection(connections, false));
        print("in a room of ten", bytesPerConnection(connections, true));
        if (arguments.length > 1) {
            List<Object> held = new ArrayList<>();
            try (Rooms rooms = fill(connections, arguments[1].equals("room"), held)) {
                System.out.println("full: " + rooms.stats().connections());
                int ignored = System.in.read();
            }
        }
    }

    private static void print(String what, double bytes) {
        System.out.printf(Locale.ROOT, "%-20s %,7.0f bytes per idle connection%n", what, bytes);
    }

    /** Bytes of live heap that one more connection costs. */
    static double bytesPerConnection(int connections, boolean inRooms) {
        List<Object> held = new ArrayList<>(connections);
        fill(0, false, new ArrayList<>()).close();
        long before = used();
        try (Rooms rooms = fill(connections, inRooms, held)) {
            long after = used();
            if (rooms.stats().connections() != connections) {
                throw new IllegalStateException("connections ended: " + rooms.stats());
            }
            return (double) (after - before) / connections;
        } finally {
            held.clear();
        }
    }

    private static Rooms fill(int connections, boolean inRooms, List<Object> held) {
        Rooms rooms = Rooms.builder()
                .time(new ManualTime())
                .limit(Limit.SHUTDOWN_DEADLINE, 0)
                .build();
        // What belongs to the adapter is not counted here.
        NullTransport transport = new NullTransport();
        for (int i = 0; i < connections; i++) {
            Handshake.Builder handshake = Handshake.builder().parameter("user", "user " + i);
            if (inRooms) {
                handshake.parameter("room", "room " + i / PER_ROOM);
            }
            // What an adapter holds, too: the way in.
            held.add(rooms.accept(handshake.build(), transport));
        }
        return rooms;
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
