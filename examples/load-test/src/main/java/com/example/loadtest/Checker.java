package com.example.loadtest;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Holds one member's messages against what their publishers sent: each exactly once, each publisher's in order, and no
 * message of another room. It also folds the order in which messages came into one number, which is the same for all
 * members of a room exactly if they all saw one order. Not safe for use by several threads.
 */
final class Checker {

    /** More missing numbers than these are not remembered: a late one of them is then told as a duplicate. */
    private static final int MISSING = 1000;

    private final String member;
    private final int firstPublisher;
    private final long[] last;
    private final Faults faults;
    private Set<Long> missing;
    private long lastOffset = -1;
    private long order;

    /**
     * Begins before the first message.
     *
     * @param firstPublisher the publishers of a room have numbers that follow each other
     */
    Checker(String member, int firstPublisher, int publishers, Faults faults) {
        this.member = member;
        this.firstPublisher = firstPublisher;
        this.last = new long[publishers];
        this.faults = faults;
    }

    /** Whether the message is one that the member had to get, and gets for the first time. */
    boolean received(Stamp stamp) {
        int publisher = stamp.publisher - firstPublisher;
        if (publisher < 0 || publisher >= last.length) {
            faults.add(member + ": got a message of publisher " + stamp.publisher + ", who is in another room");
            return false;
        }
        boolean expected = stamp.sequence == last[publisher] + 1;
        if (!expected && !known(stamp.publisher, stamp.sequence, publisher)) {
            return false;
        }
        if (stamp.sequence > last[publisher]) {
            last[publisher] = stamp.sequence;
        }
        if (stamp.offset >= 0) {
            if (stamp.offset <= lastOffset) {
                faults.add(member + ": order: offset " + stamp.offset + " came after " + lastOffset);
            }
            lastOffset = Math.max(lastOffset, stamp.offset);
        }
        order = 31 * (31 * order + publisher) + stamp.sequence;
        return true;
    }

    /** What does not follow on the last one: ahead of it, or behind. Whether it is nevertheless new. */
    private boolean known(int publisher, long sequence, int index) {
        long expected = last[index] + 1;
        String what = member + ": publisher " + publisher;
        if (sequence > expected) {
            faults.add(what + ": gap: " + sequence + " came after " + last[index]);
            remember(index, expected, sequence);
            return true;
        }
        if (missing != null && missing.remove(key(index, sequence))) {
            faults.add(what + ": order: " + sequence + " came after " + last[index]);
            return true;
        }
        faults.add(what + ": duplicate: " + sequence + " came again after " + last[index]);
        return false;
    }

    private void remember(int index, long from, long to) {
        if (missing == null) {
            missing = new HashSet<>();
        }
        for (long sequence = from; sequence < to && missing.size() < MISSING; sequence++) {
            missing.add(key(index, sequence));
        }
    }

    private static long key(int index, long sequence) {
        return ((long) index << 44) + sequence;
    }

    /** The numbers of those who publish in this room. */
    IntStream publishers() {
        return IntStream.range(firstPublisher, firstPublisher + last.length);
    }

    /** The last number that came of a publisher of the room; 0 if none did. */
    long last(int publisher) {
        return last[publisher - firstPublisher];
    }

    /** The same for members that saw the same messages in the same order. */
    long order() {
        return order;
    }

    /** To be called when nothing more is to come: whether the publisher's last message has. */
    void assertEnd(int publisher, long sent) {
        if (last(publisher) != sent) {
            faults.add(member + ": publisher " + publisher + ": gap at the end: the last that came is "
                    + last(publisher) + " of " + sent);
        }
    }
}
