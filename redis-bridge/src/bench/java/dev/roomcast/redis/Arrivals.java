package dev.roomcast.redis;

import dev.roomcast.bridge.Delivery;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What one instance receives: counts, and checks that it is each message of each publisher once and in order. */
final class Arrivals implements Delivery {

    private static final String TEXT = "\",\"text\":\"" + "x".repeat(150 - 11 - 2 - 13 - 4) + "\"}";
    private static final int NUMBER_AT = 6;
    private static final int DIGITS = 11;

    /** One room: the next number of each publisher, and a hash of the order. Touched under the room's own lock of a feed. */
    private static final class Heard {
        final long[] next;
        long hash;
        long offset;

        Heard(int publishers) {
            next = new long[publishers];
        }
    }

    private final Heard[] rooms;
    private final AtomicLong faults = new AtomicLong();

    /** Of one publisher each. */
    final LongAdder[] received;

    final LongAdder strays = new LongAdder();

    Arrivals(int rooms, int publishers) {
        this.rooms = new Heard[rooms];
        this.received = new LongAdder[publishers];
        for (int i = 0; i < rooms; i++) {
            this.rooms[i] = new Heard(publishers);
        }
        for (int i = 0; i < publishers; i++) {
            received[i] = new LongAdder();
        }
    }

    static String room(int index) {
        return "room-" + index;
    }

    /** The n-th message of a publisher in a room, of 150 bytes. */
    static Content content(int publisher, long n) {
        StringBuilder json = new StringBuilder(150).append("{\"n\":\"").append(publisher);
        String number = Long.toString(n);
        return Content.ofCheckedJson(json.append("0".repeat(DIGITS - 1 - number.length()))
                .append(number)
                .append(TEXT)
                .toString());
    }

    long total() {
        long sum = 0;
        for (LongAdder each : received) {
            sum += each.sum();
        }
        return sum;
    }

    /** What is wrong, given how many each publisher sent in each room, and what the other instance heard. */
    List<String> check(Arrivals other, long[][] sent) {
        List<String> wrong = new ArrayList<>();
        if (faults.get() > 0) {
            wrong.add(faults.get() + " messages out of order or twice");
        }
        for (int i = 0; i < rooms.length; i++) {
            for (int p = 0; p < sent.length; p++) {
                if (rooms[i].next[p] != sent[p][i]) {
                    wrong.add(room(i) + ": " + rooms[i].next[p] + " of " + sent[p][i] + " messages of instance " + p);
                }
            }
            if (rooms[i].hash != other.rooms[i].hash) {
                wrong.add(room(i) + ": the instances disagree on the order");
            }
        }
        return wrong.subList(0, Math.min(wrong.size(), 10));
    }

    @Override
    public boolean hasSpace(String room) {
        return true;
    }

    @Override
    public void append(Message message) {
        if (rooms.length == 0) {
            strays.increment();
            return;
        }
        Heard heard = rooms[index(message.room())];
        String json = message.content().json();
        int publisher = json.charAt(NUMBER_AT) - '0';
        long n = Long.parseLong(json, NUMBER_AT + 1, NUMBER_AT + DIGITS, 10);
        Position position = message.position();
        boolean inOrder = heard.next[publisher] == n;
        if (position != null) {
            inOrder &= position.offset() == heard.offset + 1;
            heard.offset = position.offset();
            heard.hash = heard.hash * 31 + n * 2 + publisher;
        }
        if (!inOrder) {
            faults.incrementAndGet();
        }
        heard.next[publisher] = n + 1;
        received[publisher].increment();
    }

    private static int index(String room) {
        return Integer.parseInt(room, 5, room.length(), 10);
    }

    @Override
    public void append(RosterChange change) {}

    @Override
    public void lost(String room, Position after, Position upTo) {
        faults.incrementAndGet();
    }

    @Override
    public void rosterMoved(String room, long rev) {}

    @Override
    public void isolated(boolean now) {}

    @Override
    public void signal(Signal signal) {}

    @Override
    public void release(String room) {}

    @Override
    public void releaseElsewhere(String room) {}
}
