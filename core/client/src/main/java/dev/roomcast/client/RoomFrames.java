package dev.roomcast.client;

import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import org.jspecify.annotations.Nullable;

/** What the server says of and in a room: moves its position, keeps its members, and tells the application. */
final class RoomFrames {

    private final Session session;

    RoomFrames(Session session) {
        this.session = session;
    }

    /**
     * The server has let the client in, with or without what it has missed.
     *
     * @param gap what was lost since, told before this; null if nothing was
     */
    void joined(RoomState room, ServerFrame frame, @Nullable ServerFrame gap) {
        Position before = room.position;
        Position now = frame.position("offset");
        ClientRoom face = room.face();
        boolean recovered = before != null && frame.is("recovered");
        if (!recovered) {
            room.position = now;
        }
        boolean changed = room.members.all(frame);
        if (!room.wanted) {
            return;
        }
        boolean isFirst = !room.wasIn;
        room.wasIn = true;
        if (isFirst) {
            session.tell(() -> {
                room.joined.complete(face);
                session.listener.onJoined(face);
            });
        }
        if (recovered) {
            session.tell(() -> session.listener.onRecovered(face));
        } else if (before != null && now != null) {
            session.tell(() -> session.listener.onGap(face, before, now));
        }
        if (gap != null) {
            earlyGap(room, gap, recovered);
        }
        if (changed) {
            session.tell(() -> session.listener.onMembers(face));
        }
    }

    /** Where what was missed is still to come, the position stays: what comes next is from before the gap. */
    private void earlyGap(RoomState room, ServerFrame gap, boolean isRecovering) {
        Position joined = room.position;
        gap(room, gap);
        Position resumed = room.position;
        boolean isOlder = joined != null
                && resumed != null
                && joined.epoch().equals(resumed.epoch())
                && joined.offset() > resumed.offset();
        if (isRecovering || isOlder) {
            room.position = joined;
        }
    }

    /** The server's own application has asked for what the client had asked for, too: that moves nothing. */
    void joinedOnceMore(RoomState room, ServerFrame frame) {
        members(room, room.members.all(frame));
    }

    /** Anything else. */
    void take(ServerFrame frame) {
        RoomState room = session.rooms.known(frame.text("room", ""));
        if (room == null) {
            direct(frame);
            return;
        }
        if (room.stage != RoomState.Stage.IN && room.stage != RoomState.Stage.LEAVING) {
            return;
        }
        switch (frame.type()) {
            case "gap" -> gap(room, frame);
            case "members" -> members(room, room.members.all(frame));
            case "user_joined", "user_left", "user_updated" -> member(room, frame);
            default -> message(room, frame);
        }
    }

    private void gap(RoomState room, ServerFrame frame) {
        ServerFrame lost = frame.object("lost");
        Position after = lost == null ? null : lost.position("after");
        Position resumed = frame.position("offset");
        if (resumed != null) {
            room.position = resumed;
            if (after != null && room.wanted) {
                ClientRoom face = room.face();
                session.tell(() -> session.listener.onGap(face, after, resumed));
            }
        }
    }

    private void member(RoomState room, ServerFrame frame) {
        String user = frame.text("userId", "");
        boolean was = room.members.has(user);
        boolean changed = room.members.change(frame);
        boolean is = room.members.has(user);
        ClientRoom face = room.face();
        if (room.wanted && is && !was) {
            session.tell(() -> session.listener.onUserJoined(face, user));
        } else if (room.wanted && was && !is) {
            session.tell(() -> session.listener.onUserLeft(face, user));
        }
        members(room, changed);
    }

    private void members(RoomState room, boolean changed) {
        if (changed && room.wanted) {
            ClientRoom face = room.face();
            session.tell(() -> session.listener.onMembers(face));
        }
    }

    /** Said to this connection alone, in no room. What speaks of a room that is not known comes from behind its leaving. */
    private void direct(ServerFrame frame) {
        Content content = frame.content("content");
        if (content != null && frame.text("room") == null) {
            Message message = Message.of(frame.type(), content).in("", frame.number("timestamp", 0));
            session.tell(() -> session.listener.onDirect(message));
        }
    }

    private void message(RoomState room, ServerFrame frame) {
        Content content = frame.content("content");
        if (content == null) {
            // A frame of a kind that this client does not know.
            return;
        }
        Position position = frame.position("offset");
        if (position != null) {
            room.position = position;
        }
        if (!room.wanted) {
            return;
        }
        Message said = Message.of(frame.type(), content)
                .from(frame.text("userId"))
                .latestOf(frame.text("key"))
                .in(room.name, frame.number("timestamp", 0));
        Message message = position != null ? said.at(position) : said;
        ClientRoom face = room.face();
        session.tell(() -> session.listener.onMessage(face, message));
    }
}
