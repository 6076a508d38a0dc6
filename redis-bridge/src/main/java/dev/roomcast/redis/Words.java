package dev.roomcast.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The arguments of a command, one after the other. Not thread-safe. */
final class Words {

    private static final byte[] EMPTY = new byte[0];

    private final List<byte[]> words = new ArrayList<>();

    Words bytes(byte[] word) {
        words.add(word);
        return this;
    }

    Words text(String word) {
        return bytes(word.isEmpty() ? EMPTY : word.getBytes(StandardCharsets.UTF_8));
    }

    Words number(long word) {
        return text(Long.toString(word));
    }

    byte[][] toArray() {
        return words.toArray(new byte[0][]);
    }
}
