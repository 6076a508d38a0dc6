package dev.roomcast.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Changes inputs the way that finds faults of readers: at their lengths, at their ends, and where two of them are joined. */
final class Mutator {

    private static final int LONGEST = 256 * 1024;
    private static final int MOST_COPIES = 64;
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        0x7d,
        0x7e,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        0x10000,
        0x7fffffffL,
        0x80000000L,
        0xffffffffL,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final Random random;

    Mutator(Random random) {
        this.random = random;
    }

    /**
     * A changed copy of an input.
     *
     * @param other another one, of which a piece may be taken
     */
    byte[] mutate(byte[] input, byte[] other) {
        return switch (random.nextInt(8)) {
            case 0 -> changed(input, 1);
            case 1 -> changed(input, 1 << random.nextInt(4));
            case 2 -> flipped(input);
            case 3 -> Arrays.copyOf(input, upTo(input.length));
            case 4 -> repeated(input);
            case 5 -> without(input);
            case 6 -> joined(input, upTo(input.length), other, upTo(other.length), other.length);
            default -> inserted(input);
        };
    }

    private int upTo(int length) {
        return random.nextInt(length + 1);
    }

    /** Overwrites some bytes with one of the numbers that are the limits of something. */
    private byte[] changed(byte[] input, int width) {
        if (input.length < width) {
            return input;
        }
        byte[] copy = input.clone();
        byte[] number = ByteBuffer.allocate(Long.BYTES)
                .putLong(NUMBERS[random.nextInt(NUMBERS.length)])
                .array();
        System.arraycopy(number, Long.BYTES - width, copy, upTo(copy.length - width), width);
        return copy;
    }

    private byte[] flipped(byte[] input) {
        byte[] copy = input.clone();
        if (copy.length > 0) {
            copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return copy;
    }

    private byte[] repeated(byte[] input) {
        int from = upTo(input.length);
        int to = from + upTo(Math.min(64, input.length - from));
        byte[] copy = input;
        for (int i = random.nextInt(MOST_COPIES); i >= 0; i--) {
            copy = joined(copy, Math.min(to, copy.length), input, from, to, Math.min(to, copy.length));
        }
        return copy;
    }

    private byte[] without(byte[] input) {
        int from = upTo(input.length);
        int to = from + upTo(input.length - from);
        return joined(input, from, input, to, input.length);
    }

    private byte[] inserted(byte[] input) {
        byte[] more = new byte[1 + random.nextInt(8)];
        random.nextBytes(more);
        int at = upTo(input.length);
        return joined(input, at, more, 0, more.length, at);
    }

    private static byte[] joined(byte[] head, int length, byte[] middle, int from, int to, int rest) {
        return joined(joined(head, length, middle, from, to), length + to - from, head, rest, head.length);
    }

    private static byte[] joined(byte[] head, int length, byte[] tail, int from, int to) {
        int rest = Math.min(to - from, Math.max(0, LONGEST - length));
        byte[] both = Arrays.copyOf(head, length + rest);
        System.arraycopy(tail, from, both, length, rest);
        return both;
    }
}
