package dev.roomcast.redis;

import dev.roomcast.message.Position;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.Received;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A client of one room by the letter of the protocol: from where its {@code joined} leaves it each message stands right behind
 * the one before, or a {@code gap} begins where it is and says where to go on. So nothing is missing that it was not told of,
 * nothing comes twice, and nothing of another order. In a room where nobody is excluded.
 */
final class Trail {

    private final List<String> faults = new ArrayList<>();
    private Position at;

    private Trail(Position from) {
        this.at = from;
    }

    /** What is wrong with what a client got, who came with a position or null; empty if nothing is and it ends at the top. */
    static List<String> faults(FakeClient client, Position from, Position top) {
        Trail trail = new Trail(from);
        for (Received frame : client.frames()) {
            trail.follow(frame);
        }
        if (!top.equals(trail.at)) {
            trail.faults.add("ends at " + trail.at + ", the room at " + top);
        }
        return trail.faults;
    }

    private void follow(Received frame) {
        switch (frame.type()) {
            case "joined" -> {
                if (!frame.is("recovered")) {
                    at = position(frame);
                }
            }
            case "gap" -> {
                Map<?, ?> lost = (Map<?, ?>) frame.get("lost");
                Position after = new Position((String) lost.get("epoch"), ((Number) lost.get("after")).longValue());
                if (!after.equals(at)) {
                    faults.add("a gap begins at " + after + ", the client is at " + at);
                }
                at = position(frame);
            }
            case "chat" -> {
                if (frame.get("offset") != null) {
                    Position next = position(frame);
                    if (at == null || !next.equals(at.next())) {
                        faults.add(frame.text("content") + " at " + next + " behind " + at);
                    }
                    at = next;
                }
            }
            default -> {
                // Does not move a client.
            }
        }
    }

    static Position position(Received frame) {
        return new Position(frame.text("epoch"), frame.number("offset"));
    }
}
