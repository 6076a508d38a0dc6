package dev.roomcast;

import dev.roomcast.bridge.Member;
import dev.roomcast.bridge.RosterChange;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Writes what the server says. One method per frame type; the fields and their order are the wire protocol's. */
final class Frames {

    static final TextFrame PONG = new FrameWriter("pong").end();

    /** Longer lifetimes are told as this: the largest whole number of milliseconds that JavaScript holds exactly. */
    private static final Duration LONGEST_LIFETIME = Duration.ofMillis((1L << 53) - 1);

    private static final TextFrame CONNECTED = status(Status.CONNECTED.wireName());
    private static final TextFrame ISOLATED = status(Status.ISOLATED.wireName());

    private Frames() {}

    static TextFrame message(Message message) {
        FrameWriter frame = new FrameWriter(message.type())
                .text("userId", message.userId())
                .raw("content", message.content().json())
                .number("timestamp", message.timestamp())
                .text("room", message.room())
                .text("key", message.key());
        Position position = message.position();
        if (position != null) {
            position(frame, position);
        }
        return frame.end();
    }

    static TextFrame direct(String type, Content content, long timestamp) {
        return new FrameWriter(type)
                .raw("content", content.json())
                .number("timestamp", timestamp)
                .end();
    }

    /**
     * Lets a client in.
     *
     * @param lifetime the rest of the time that its token holds, in place of a date: the clocks of clients may be wrong. Null
     *     if the token does not end
     */
    static TextFrame welcome(String connection, String userId, Duration heartbeat, @Nullable Duration lifetime) {
        FrameWriter frame = new FrameWriter("welcome")
                .text("connection", connection)
                .text("userId", userId)
                .number("heartbeat", heartbeat.toMillis());
        if (lifetime != null) {
            Duration told = lifetime.compareTo(LONGEST_LIFETIME) < 0 ? lifetime : LONGEST_LIFETIME;
            frame.number("expiresIn", told.toMillis());
        }
        return frame.end();
    }

    static TextFrame joined(
            String room, Position position, boolean recovering, boolean recovered, RosterView view, Settings settings) {
        FrameWriter frame = position(new FrameWriter("joined").text("room", room), position)
                .bool("recovering", recovering)
                .bool("recovered", recovered);
        return roster(frame, view, settings).end();
    }

    static TextFrame members(String room, RosterView view, Settings settings) {
        return roster(new FrameWriter("members").text("room", room), view, settings)
                .end();
    }

    /** What a joiner is told of itself. */
    static TextFrame userJoined(String room, String userId, long timestamp, RosterView view) {
        return new FrameWriter("user_joined")
                .text("userId", userId)
                .number("timestamp", timestamp)
                .text("room", room)
                .number("rev", Math.max(0, view.rev()))
                .end();
    }

    static TextFrame change(RosterChange change) {
        String type = switch (change.kind()) {
            case JOINED -> "user_joined";
            case LEFT -> "user_left";
            case UPDATED -> "user_updated";
        };
        FrameWriter frame = new FrameWriter(type)
                .text("userId", change.member().userId())
                .number("timestamp", change.timestamp())
                .text("room", change.room())
                .number("rev", change.rev());
        Content meta = change.member().meta();
        if (change.kind() != RosterChange.Kind.LEFT && meta != null) {
            frame.raw("meta", meta.json());
        }
        return frame.end();
    }

    /** Anything between two positions may be missing. */
    static TextFrame gap(String room, Position after, Position upTo) {
        FrameWriter frame = new FrameWriter("gap")
                .text("room", room)
                .open("lost", '{')
                .text("epoch", after.epoch())
                .number("after", after.offset())
                .close('}');
        return position(frame, upTo).end();
    }

    static TextFrame left(String room) {
        return new FrameWriter("left").text("room", room).end();
    }

    static TextFrame status(Status status) {
        return status == Status.ISOLATED ? ISOLATED : CONNECTED;
    }

    private static TextFrame status(String state) {
        return new FrameWriter("status").text("state", state).end();
    }

    static TextFrame ack(String id, String room, Position position) {
        return position(new FrameWriter("ack").text("id", id).text("room", room), position)
                .end();
    }

    static TextFrame error(ErrorCode code, String message, Cause cause, Duration retryAfter) {
        FrameWriter frame = new FrameWriter("error")
                .text("code", code.wireName())
                .text("message", message)
                .text("re", cause.type())
                .text("room", cause.room())
                .text("id", cause.id());
        if (!retryAfter.isZero()) {
            // Rounded up: whoever comes back a moment too early is refused again.
            frame.number("retryAfter", retryAfter.plusNanos(999_999).toMillis());
        }
        return frame.end();
    }

    /** The server will close the connection, and is to be gone to again, here or elsewhere, once it has. */
    static TextFrame reconnect(Duration after) {
        return new FrameWriter("reconnect").number("after", after.toMillis()).end();
    }

    /** Which message of the client an error answers, as far as it is known. */
    record Cause(
            @Nullable String type,
            @Nullable String room,
            @Nullable String id) {
        static final Cause UNKNOWN = new Cause(null, null, null);
    }

    private static FrameWriter position(FrameWriter frame, Position position) {
        return frame.text("epoch", position.epoch()).number("offset", position.offset());
    }

    private static FrameWriter roster(FrameWriter frame, RosterView view, Settings settings) {
        boolean big = view.size() > settings.limit(Limit.PRESENCE_MEMBERS);
        long named = big ? settings.limit(Limit.PRESENCE_SAMPLE) : view.size();
        // Half of what may wait for a client, whose other half is for the answers behind it; beyond, it is a sample
        // too.
        long most = settings.limit(Limit.CONTROL_BYTES) / 2;
        int start = frame.open("members", '[').size();
        for (Member member : view.members()) {
            int before = frame.size();
            member(frame, member);
            if (named-- == 0 || frame.size() - start > most) {
                frame.truncate(before);
                break;
            }
        }
        return frame.close(']').number("count", view.size()).number("rev", Math.max(0, view.rev()));
    }

    private static void member(FrameWriter frame, Member member) {
        frame.open('{').text("userId", member.userId());
        Content meta = member.meta();
        if (meta != null) {
            frame.raw("meta", meta.json());
        }
        frame.close('}');
    }
}
