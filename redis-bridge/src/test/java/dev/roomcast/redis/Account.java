package dev.roomcast.redis;

import dev.roomcast.message.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a run with faults: what each member was shown, and what each publisher was told. Kept small, so that a
 * run may have millions of messages: a content is {@code publisher-number} and so a number itself, a position is the number
 * of its epoch and its offset. Safe for use by any thread while it is written.
 */
final class Account {

    /** Says that a room's messages end here. */
    static final int END = 9999;

    private static final int OFFSET_BITS = 40;

    /** What a member was told to be missing. */
    record Gap(Position after, Position resumed) {}

    /** What one member was shown. */
    final class Witness {

        final String name;
        final int room;

        /** Where it came in; null for one that was there before the first message. */
        final @Nullable Position joined;

        // All below: guarded by the account.
        final List<Gap> gaps = new ArrayList<>();
        final Longs contents = new Longs();
        final Longs places = new Longs();

        /** Whether it was there at the end: then nothing may be missing at its end either. */
        private boolean stayed = true;

        private boolean ended;

        private Witness(String name, int room, @Nullable Position joined) {
            this.name = name;
            this.room = room;
            this.joined = joined;
        }

        void shown(String content, Position position) {
            synchronized (Account.this) {
                contents.add(number(content));
                places.add(place(position));
                ended |= publisher(number(content)) == END;
            }
        }

        void told(Gap gap) {
            synchronized (Account.this) {
                gaps.add(gap);
            }
        }

        /** It was taken away, at a moment that nobody knows exactly. */
        void gone() {
            synchronized (Account.this) {
                stayed = false;
            }
        }

        boolean stayed() {
            synchronized (Account.this) {
                return stayed;
            }
        }

        /** Whether it was shown the end of its room. */
        boolean ended() {
            synchronized (Account.this) {
                return ended;
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    final int rooms;

    // All below: guarded by this.
    final List<Witness> witnesses = new ArrayList<>();
    final Longs acknowledged = new Longs();
    final Longs acknowledgedAt = new Longs();

    /** Refused for good: these are delivered to nobody. */
    final List<Long> refused = new ArrayList<>();

    /** Refused because Redis was away: these may have come through. */
    private int unavailable;

    private final Map<String, Integer> epochs = new HashMap<>();
    private final List<String> epochNames = new ArrayList<>();

    /** Messages go to the rooms in turns, by their number. */
    Account(int rooms) {
        this.rooms = rooms;
    }

    synchronized Witness witness(String name, int room, @Nullable Position joined) {
        Witness witness = new Witness(name, room, joined);
        witnesses.add(witness);
        return witness;
    }

    synchronized void acknowledged(String content, Position position) {
        acknowledged.add(number(content));
        acknowledgedAt.add(place(position));
    }

    synchronized void refused(String content) {
        refused.add(number(content));
    }

    synchronized void unavailable() {
        unavailable++;
    }

    synchronized int acknowledgedCount() {
        return acknowledged.size();
    }

    synchronized int unavailableCount() {
        return unavailable;
    }

    synchronized List<Gap> gaps() {
        return witnesses.stream().flatMap(witness -> witness.gaps.stream()).toList();
    }

    /** What an account has in one line. */
    synchronized String summary() {
        return acknowledged.size() + " acknowledged, " + refused.size() + " refused, " + unavailable + " unavailable, "
                + witnesses.stream().mapToLong(one -> one.contents.size()).sum() + " shown to " + witnesses.size()
                + " members, " + gaps().size() + " gaps, " + epochNames.size() + " epochs";
    }

    synchronized long place(Position position) {
        Integer epoch = epochs.computeIfAbsent(position.epoch(), name -> {
            epochNames.add(name);
            return epochNames.size();
        });
        return ((long) epoch << OFFSET_BITS) | position.offset();
    }

    synchronized Position position(long place) {
        return new Position(epochNames.get(epoch(place) - 1), offset(place));
    }

    /** Whether an instance has given the place on its own, and not Redis: only that one's members can have been shown it. */
    synchronized boolean isOwn(long place) {
        return place != 0 && epochNames.get(epoch(place) - 1).indexOf('-') < 0;
    }

    int roomOf(long content) {
        return number(content) % rooms;
    }

    static int epoch(long place) {
        return (int) (place >>> OFFSET_BITS);
    }

    static int offset(long place) {
        return (int) (place & ((1L << OFFSET_BITS) - 1));
    }

    /** A content as a number; never 0. */
    static long number(String content) {
        int dash = content.indexOf('-');
        return ((Long.parseLong(content.substring(0, dash)) + 1) << 32) | Long.parseLong(content.substring(dash + 1));
    }

    static int publisher(long content) {
        return (int) (content >>> 32) - 1;
    }

    /** Which of its publisher's messages it is. */
    static int number(long content) {
        return (int) content;
    }

    static String text(long content) {
        return publisher(content) + "-" + number(content);
    }
}
