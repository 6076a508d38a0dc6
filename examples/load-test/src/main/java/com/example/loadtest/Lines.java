package com.example.loadtest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds the ends of lines, eight bytes at a time: of several messages in one frame, each has a line of its own. */
final class Lines {

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NEWLINES = 0x0A0A0A0A0A0A0A0AL;
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;

    private Lines() {}

    /** Where the next line feed is; {@code to} if there is none. */
    static int end(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - 8; i += 8) {
            // A byte that equals becomes zero, and the lowest zero byte is the lowest whose top bit is set here.
            long different = (long) EIGHT.get(bytes, i) ^ NEWLINES;
            long zero = (different - ONES) & ~different & TOPS;
            if (zero != 0) {
                return i + (Long.numberOfTrailingZeros(zero) >> 3);
            }
        }
        while (i < to && bytes[i] != '\n') {
            i++;
        }
        return i;
    }
}
