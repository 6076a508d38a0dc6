package dev.roomcast.client;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What was sent under a key and cannot go out yet: of each key of a room the latest, which stands where it came and not where
 * the one before it stood. Bounded by number and bytes. Guarded by the session's lock.
 */
final class Latest {

    private record Place(RoomState room, String key) {}

    private final int mostMessages;
    private final long mostBytes;
    private final Map<Place, Send> waiting = new LinkedHashMap<>();
    private long bytes;

    Latest(int mostMessages, long mostBytes) {
        this.mostMessages = mostMessages;
        this.mostBytes = mostBytes;
    }

    /** False if it has no place; what it should have replaced is gone all the same. */
    boolean put(String key, Send send) {
        Place place = new Place(send.room, key);
        Send older = waiting.remove(place);
        bytes -= older == null ? 0 : older.bytes;
        if (waiting.size() >= mostMessages || bytes + send.bytes > mostBytes) {
            return false;
        }
        waiting.put(place, send);
        bytes += send.bytes;
        return true;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Takes out those of some rooms, in order. */
    List<Send> take(Predicate<RoomState> fits) {
        List<Send> taken = new ArrayList<>();
        for (Iterator<Send> all = waiting.values().iterator(); all.hasNext(); ) {
            Send send = all.next();
            if (fits.test(send.room)) {
                all.remove();
                bytes -= send.bytes;
                taken.add(send);
            }
        }
        return taken;
    }
}
