package dev.roomcast.client;

import dev.roomcast.guard.Names;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A message that the server has not answered yet. Guarded by the session's lock. */
final class Send {

    static final long NEVER = Long.MIN_VALUE;
    private static final int LONGEST_NAME = 255;

    final RoomState room;
    final String id;
    final String text;
    final int bytes;
    final CompletableFuture<Position> result = new CompletableFuture<>();

    /** When it was handed to a socket for the first time; {@link #NEVER} before that. */
    long firstWrite = NEVER;

    /** The same moment in milliseconds since 1970. */
    long firstDate;

    /** Whether it was written on the present connection and waits for its answer. */
    boolean inFlight;

    /** Whether it was written and no answer came: what a repeat of it is told says nothing of the first. */
    boolean uncertain;

    /** Whether the server has asked to wait before it is repeated. */
    boolean held;

    Send(RoomState room, String id, String text) {
        this.room = room;
        this.id = id;
        this.text = text;
        this.bytes = bytes(text);
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * What is written.
     *
     * @param mark its {@code id}, its {@code key}, or that it is {@code volatile}
     * @param value of the mark
     * @throws IllegalArgumentException if it cannot be written, or the server would refuse it without naming it
     */
    static String text(RoomState room, String type, Content content, String mark, Object value) {
        checkName("type", type);
        if (type.chars().anyMatch(c -> "<>&\"'`".indexOf(c) >= 0)) {
            throw new IllegalArgumentException("a type has no character of markup");
        }
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", type);
        frame.put("room", room.name);
        frame.put("content", content);
        frame.put(mark, value);
        return checkText(Content.of(frame).json());
    }

    static String checkText(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("there is half a character, which has no encoding");
        }
        return text;
    }

    static void checkName(String what, String name) {
        Names.fault(name, LONGEST_NAME).ifPresent(fault -> {
            throw new IllegalArgumentException("the name of a " + what + " " + fault);
        });
    }

    static String checkId(String id) {
        int size = bytes(id);
        if (size == 0 || size > Message.MAX_ID_BYTES) {
            throw new IllegalArgumentException("an id has 1 to " + Message.MAX_ID_BYTES + " bytes");
        }
        return id;
    }

    boolean wasWritten() {
        return firstWrite != NEVER;
    }
}
