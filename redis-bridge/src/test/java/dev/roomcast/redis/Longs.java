package dev.roomcast.redis;

import java.util.Arrays;

/** A list of numbers that grows, for tests with millions of them. Not thread-safe. */
final class Longs {

    private long[] values = new long[64];
    private int size;

    void add(long value) {
        put(size, value);
    }

    /** Puts a value at an index, with zeros before it if need be. */
    void put(int index, long value) {
        if (index >= values.length) {
            values = Arrays.copyOf(values, Math.max(index + 1, values.length * 2));
        }
        values[index] = value;
        size = Math.max(size, index + 1);
    }

    /** The value at an index, 0 beyond the end. */
    long get(int index) {
        return index < size ? values[index] : 0;
    }

    int size() {
        return size;
    }
}
