package com.example.loadtest;

import java.nio.charset.StandardCharsets;

/**
 * What a publisher writes into the content of its messages, {@code load:PUBLISHER:SEQUENCE:SENT:}, and how it is found
 * again in what a server makes of them. One instance is filled again for each message: a JSON parser would cost more than
 * all the rest of the generator. Looking for the mark itself needs no knowledge of how a server orders its fields.
 */
final class Stamp {

    /** The kinds of message that a load test meets. */
    enum Kind {
        /** One of our own, with a stamp. */
        STAMPED,
        /** This connection is in a room. */
        JOINED,
        /** This or another user has joined. */
        USER_JOINED,
        /** This connection has left a room. */
        LEFT,
        /** The server refused something. */
        ERROR,
        /** The server says that messages were lost. */
        GAP,
        OTHER
    }

    private static final byte[] MARK = ascii("\"load:");
    private static final byte[] TYPE = ascii("\"type\":");
    private static final byte[] OFFSET = ascii("\"offset\":");

    int publisher;
    long sequence;

    /** In nanoseconds since the run began. */
    long sentAt;

    /** Where the server says that the message stands in its room; -1 if it does not say. */
    long offset;

    // Where the number that was read last ends.
    private int end;

    static String content(int publisher, long sequence, long sentAt) {
        return "load:" + publisher + ":" + sequence + ":" + sentAt + ":";
    }

    /** Reads one JSON object. */
    Kind read(byte[] bytes, int from, int to) {
        int mark = indexOf(MARK, bytes, from, to);
        if (mark < 0) {
            return kindOf(bytes, from, to);
        }
        publisher = (int) number(bytes, mark + MARK.length, to);
        sequence = number(bytes, end + 1, to);
        sentAt = number(bytes, end + 1, to);
        offset = offset(bytes, from, to);
        return Kind.STAMPED;
    }

    private static Kind kindOf(byte[] bytes, int from, int to) {
        int type = indexOf(TYPE, bytes, from, to);
        if (type < 0) {
            return Kind.OTHER;
        }
        int open = type + TYPE.length;
        while (open < to && bytes[open] == ' ') {
            open++;
        }
        int close = open + 1;
        while (close < to && bytes[close] != '"') {
            close++;
        }
        return close >= to
                ? Kind.OTHER
                : switch (new String(bytes, open + 1, close - open - 1, StandardCharsets.UTF_8)) {
                    case "joined" -> Kind.JOINED;
                    case "user_joined" -> Kind.USER_JOINED;
                    case "left" -> Kind.LEFT;
                    case "error" -> Kind.ERROR;
                    case "gap" -> Kind.GAP;
                    default -> Kind.OTHER;
                };
    }

    /** Mostly the last field, so it is read from the end first. */
    private long offset(byte[] bytes, int from, int to) {
        int last = to - 1;
        while (last > from && bytes[last] != '}') {
            last--;
        }
        int digit = last - 1;
        while (digit > from && bytes[digit] >= '0' && bytes[digit] <= '9') {
            digit--;
        }
        int field = digit + 1 - OFFSET.length;
        if (digit + 1 < last && field > from && startsWith(OFFSET, bytes, field)) {
            return number(bytes, digit + 1, last);
        }
        int elsewhere = indexOf(OFFSET, bytes, from, to);
        if (elsewhere < 0) {
            return -1;
        }
        int start = elsewhere + OFFSET.length;
        while (start < to && bytes[start] == ' ') {
            start++;
        }
        return number(bytes, start, to);
    }

    private long number(byte[] bytes, int from, int to) {
        long number = 0;
        int i = from;
        for (; i < to && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            number = 10 * number + bytes[i] - '0';
        }
        end = i;
        return i == from ? -1 : number;
    }

    static int indexOf(byte[] wanted, byte[] bytes, int from, int to) {
        byte second = wanted[1];
        for (int i = from; i <= to - wanted.length; i++) {
            // The first byte is a quotation mark, which is everywhere; the second tells more.
            if (bytes[i + 1] == second && startsWith(wanted, bytes, i)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean startsWith(byte[] wanted, byte[] bytes, int at) {
        for (int i = 0; i < wanted.length; i++) {
            if (bytes[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
