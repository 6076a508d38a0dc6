package com.example.siege;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.IntFunction;

/** The attacks, one after the other. */
enum Turn {
    SLOW_READERS(700, 10, SlowReader::new),
    MANY_ROOMS(8, 1, HistoryFiller::new),
    UNFINISHED_MESSAGES(2_500, 25, Unfinished::new),
    IDS(120, 5, IdHoarder::new),
    UNREAD_FILES(16, 1, i -> new UnreadFiles()),
    BAD_REQUESTS(100, 10, i -> new BadRequests()),
    FRAME_FLOODS(30, 1, FrameFlood::new),
    HANDLER_FAULTS(20, 1, HandlerFaults::new),
    RANDOM_ROOMS(40, 2, RoomHopper::new),
    SLOW_HANDSHAKES(1_000, 25, SlowHandshake::new),
    PIPELINED_JOINS(40, 2, PipelinedJoins::new);

    private final int size;
    private final int opensPerTick;

    /** References to constructors, which cannot change. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final IntFunction<Script> scripts;

    Turn(int size, int opensPerTick, IntFunction<Script> scripts) {
        this.size = size;
        this.opensPerTick = opensPerTick;
        this.scripts = scripts;
    }

    Crowd attack(InetSocketAddress server) throws IOException {
        return new Crowd(server, size, opensPerTick, scripts);
    }
}
