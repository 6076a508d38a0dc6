package dev.roomcast.jakarta.behaviour;

import dev.roomcast.client.ClientListener;
import dev.roomcast.client.ClientRoom;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What one client was told of one room, and what is wrong with it: each message must stand right behind the one before, and be
 * what was said there, unless a gap was told that begins exactly where the client was.
 */
public final class SeenRoom implements ClientListener {

    /** A message, or a gap, which has no content and says where to go on. */
    public record Event(Position at, String content, Position resumed) {
        public static Event said(Position at, String content) {
            return new Event(at, content, at);
        }

        public static Event gap(Position after, Position resumed) {
            return new Event(after, null, resumed);
        }

        public boolean isGap() {
            return content == null;
        }
    }

    // All guarded by this.
    private final List<Event> events = new ArrayList<>();
    private int recovered;

    @Override
    public synchronized void onMessage(ClientRoom room, Message message) {
        events.add(Event.said(message.position(), message.content().text()));
    }

    @Override
    public synchronized void onGap(ClientRoom room, Position after, Position resumed) {
        events.add(Event.gap(after, resumed));
    }

    @Override
    public synchronized void onRecovered(ClientRoom room) {
        recovered++;
    }

    public synchronized List<Event> events() {
        return List.copyOf(events);
    }

    public synchronized int recovered() {
        return recovered;
    }

    public synchronized boolean hasSeen(String content) {
        // The latest are at the end.
        for (int i = events.size() - 1; i >= 0; i--) {
            if (content.equals(events.get(i).content())) {
                return true;
            }
        }
        return false;
    }

    /** Puts down what was said where; two things at one place are a fault. */
    public static List<String> collect(List<Event> events, Map<Position, String> truth) {
        List<String> faults = new ArrayList<>();
        for (Event event : events) {
            if (!event.isGap()) {
                String other = truth.putIfAbsent(event.at(), event.content());
                if (other != null && !other.equals(event.content())) {
                    faults.add("at " + event.at() + " stand " + brief(other) + " and " + brief(event.content()));
                }
            }
        }
        return faults;
    }

    /** What is wrong with what was seen from a position on; empty if nothing is. */
    public static List<String> faults(Position start, List<Event> events, Map<Position, String> truth) {
        List<String> faults = new ArrayList<>();
        Position last = start;
        for (Event event : events) {
            if (event.isGap() ? !event.at().equals(last) : !event.at().equals(last.next())) {
                faults.add((event.isGap() ? "a gap after " : "a message at ") + event.at() + " follows on " + last);
            }
            if (!event.isGap() && !Objects.equals(truth.get(event.at()), event.content())) {
                faults.add("at " + event.at() + " was said " + brief(truth.get(event.at())) + ", not "
                        + brief(event.content()));
            }
            last = event.resumed();
        }
        return faults;
    }

    /** What stands in the room more than once. */
    public static List<String> doubles(Map<Position, String> truth) {
        Map<String, Position> places = new HashMap<>();
        List<String> faults = new ArrayList<>();
        truth.forEach((at, content) -> {
            Position other = places.putIfAbsent(content, at);
            if (other != null) {
                faults.add(brief(content) + " stands at " + other + " and at " + at);
            }
        });
        return faults;
    }

    private static String brief(String content) {
        return content == null || content.length() < 30 ? content : content.substring(0, 30) + "…";
    }
}
