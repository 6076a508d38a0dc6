package dev.roomcast;

import java.util.Arrays;

/**
 * The connections of one room on this instance: a dense array to run through, in which each member knows its own place, so
 * that joining and leaving cost the same in a room of two and of ten thousand. A pure structure, not thread-safe: it belongs
 * to the room's lane. The order is of no meaning, and removal changes it.
 */
final class MemberSet {

    private static final Membership[] NONE = {};

    private Membership[] members = NONE;
    private int size;

    /** Adds a member; false if it was in already. */
    boolean add(Membership member) {
        if (member.index >= 0) {
            return false;
        }
        if (size == members.length) {
            members = Arrays.copyOf(members, Math.max(4, size * 2));
        }
        member.index = size;
        members[size++] = member;
        return true;
    }

    /** Takes a member out; false if it was not in. */
    boolean remove(Membership member) {
        int hole = member.index;
        if (hole < 0 || hole >= size || members[hole] != member) {
            return false;
        }
        Membership last = members[--size];
        members[hole] = last;
        last.index = hole;
        members[size] = null;
        member.index = -1;
        if (size < members.length / 4) {
            members = size == 0 ? NONE : Arrays.copyOf(members, members.length / 2);
        }
        return true;
    }

    int size() {
        return size;
    }

    Membership get(int index) {
        return members[index];
    }
}
