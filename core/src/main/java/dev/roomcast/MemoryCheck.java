package dev.roomcast;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.HistoryLimits;
import java.util.ArrayList;
import java.util.List;

/** Finds limits that were set by hand and do not fit the memory that is there. */
final class MemoryCheck {

    private static final int SHARE = 16;

    private final Settings settings;
    private final RoomsBuilder builder;
    private final List<String> warnings = new ArrayList<>();

    MemoryCheck(Settings settings, RoomsBuilder builder) {
        this.settings = settings;
        this.builder = builder;
    }

    /** A sentence for each setting that does not fit. */
    List<String> warnings() {
        long heap = Runtime.getRuntime().maxMemory();
        long memory = settings.limit(Limit.MEMORY_BYTES);
        compare(Limit.MEMORY_BYTES, 1, heap / 2, "half of the heap");
        compare(Limit.HISTORY_TOTAL_BYTES, 1, memory / 2, "half of MEMORY_BYTES");
        compare(Limit.IDS_TOTAL, Bridge.Memory.ID_BYTES, memory / 4, "a quarter of MEMORY_BYTES");
        for (Limit limit : List.of(
                Limit.OUTBOX_BYTES, Limit.BACKLOG_BYTES, Limit.INBOX_BYTES, Limit.CONTROL_BYTES, Limit.MESSAGE_BYTES)) {
            compare(limit, 1, memory / SHARE, "a sixteenth of MEMORY_BYTES, the most that one connection gets");
        }
        compare(Limit.SIGNAL_BYTES, 1, memory / 4, "a quarter of MEMORY_BYTES");
        long room = settings.limit(Limit.HISTORY_TOTAL_BYTES) / SHARE;
        if (!builder.history.equals(HistoryLimits.DEFAULT)) {
            compare("the history of a room", builder.history, room);
        }
        builder.historyByPattern.forEach((pattern, limits) -> compare("the history of " + pattern, limits, room));
        return List.copyOf(warnings);
    }

    private void compare(Limit limit, int factor, long most, String name) {
        Long value = builder.limits.get(limit);
        if (value != null && value > most / factor) {
            warnings.add(limit + " is set to " + value + ", more than " + most / factor + ", which is " + name);
        }
    }

    private void compare(String what, HistoryLimits limits, long most) {
        if (limits.bytes() > most) {
            warnings.add(what + " is set to " + limits.bytes() + " bytes, more than " + most
                    + ", which is a sixteenth of HISTORY_TOTAL_BYTES, the most that one room gets");
        }
    }
}
