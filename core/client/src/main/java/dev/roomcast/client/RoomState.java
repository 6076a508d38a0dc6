package dev.roomcast.client;

import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a room, beyond any connection. Guarded by the session's lock.
 *
 * <p>The position moves by the room's messages, by {@code gap}, and by a {@code joined} that recovers nothing. It does not
 * move by an {@code ack}, which may be ahead of what has come; and not by a {@code joined} that recovers, since the connection
 * may be cut before all that was missed has come.
 */
final class RoomState {

    /** Where the room stands on the present connection. */
    enum Stage {
        OUT,
        ASKED,
        IN,
        LEAVING,
        /** The server has asked to wait before asking again. */
        HELD
    }

    final String name;
    final @Nullable Content meta;
    final CompletableFuture<ClientRoom> joined = new CompletableFuture<>();
    final Members members = new Members();

    /** Set once, by the session, before anyone else sees this. */
    @Nullable
    ClientRoom face;

    /** The name under which the server speaks of it: not the one asked for where the server makes names safe to show. */
    String wireName;

    /** Whether the application wants to be in it. */
    boolean wanted = true;

    Stage stage = Stage.OUT;

    /** When the server was last asked, in nanoseconds of the client's time. */
    long askedAt;

    /** Whether the server has ever let the client in. */
    boolean wasIn;

    @Nullable
    Position position;

    RoomState(String name, @Nullable Content meta) {
        this.name = name;
        this.wireName = name;
        this.meta = meta;
    }

    ClientRoom face() {
        return Objects.requireNonNull(face);
    }

    /** Whether there is something to ask the server for. */
    boolean hasQuestion() {
        return wanted ? stage == Stage.OUT : stage == Stage.IN;
    }

    /** The question, as it goes out; the stage says from now on that it was asked. */
    String ask() {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", wanted ? "join" : "leave");
        frame.put("room", name);
        Position from = position;
        if (wanted && from != null) {
            frame.put("epoch", from.epoch());
            frame.put("offset", from.offset());
        }
        if (wanted && meta != null) {
            frame.put("meta", meta);
        }
        stage = wanted ? Stage.ASKED : Stage.LEAVING;
        return Content.of(frame).json();
    }

    /** Whether the server may speak of it under another name: only what means something to a page is made safe to show. */
    boolean mayBeShownOtherwise() {
        return name.chars().anyMatch(c -> "&<>\"'`+=@".indexOf(c) >= 0);
    }

    /** The question was not read, and is to be asked again. */
    void unasked() {
        stage = stage == Stage.LEAVING ? Stage.IN : Stage.OUT;
    }
}
