package dev.roomcast.bridge;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.List;

/**
 * A stretch of a room's history.
 *
 * @param messages ascending, without holes in their offsets
 * @param top position of the room's newest message when the slice was read
 * @param complete whether nothing is missing between the position that was asked for and the first message here; false
 *     when history no longer reaches back so far, or the epoch is another one
 */
public record HistorySlice(List<Message> messages, Position top, boolean complete) {

    /**
     * Copies the list.
     *
     * @param messages ascending
     * @param top position of the newest message
     * @param complete whether nothing is missing
     */
    public HistorySlice {
        messages = List.copyOf(messages);
    }
}
