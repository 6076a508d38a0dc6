package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SignalCodecTest {

    private static final String HEAD = "0104" + "fffffffffffffffe";
    private static final long PRODUCER = -2;
    private static final long OTHER = 5;

    /** Instances of different releases read each other: these bytes never change. */
    private static final Map<String, Signal> FROZEN = new LinkedHashMap<>();

    static {
        FROZEN.put(
                HEAD + "01" + "01" + "0000000000000007" + "0001" + "78" + "0003" + "75c3bc" + "00000002" + "7b7d",
                new Signal.Send("uü", "x", Content.ofCheckedJson("{}"), 7));
        FROZEN.put(
                HEAD + "01" + "00" + "0000000000000007" + "0001" + "78" + "00000002" + "7b7d",
                new Signal.Send(null, "x", Content.ofCheckedJson("{}"), 7));
        FROZEN.put(HEAD + "02" + "0001" + "75" + "00001133" + "0002" + "c3bc", new Signal.Disconnect("u", 4403, "ü"));
        FROZEN.put(HEAD + "03" + "0001" + "75", new Signal.Recheck("u"));
        FROZEN.put(HEAD + "04" + "0001" + "75" + "0002" + "6331", new Signal.Evict("u", "c1"));
        FROZEN.put(HEAD + "05" + "0001" + "75" + "00000032", new Signal.Spent("u", 50));
    }

    @Test
    void each_signal_has_its_frozen_bytes() {
        FROZEN.forEach((frozen, signal) -> {
            assertEquals(frozen, HexFormat.of().formatHex(SignalCodec.encode(signal, PRODUCER)));
            assertEquals(signal, SignalCodec.parse(HexFormat.of().parseHex(frozen), OTHER));
        });
    }

    @Test
    void what_comes_back_to_its_producer_is_nothing() {
        FROZEN.keySet()
                .forEach(frozen -> assertNull(SignalCodec.parse(HexFormat.of().parseHex(frozen), PRODUCER)));
    }

    @Test
    void whatever_is_cut_off_longer_or_of_another_version_is_refused() {
        for (String frozen : FROZEN.keySet()) {
            byte[] whole = HexFormat.of().parseHex(frozen);
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThrows(RuntimeException.class, () -> SignalCodec.parse(cut, OTHER), "cut at " + length);
            }
            byte[] longer = Arrays.copyOf(whole, whole.length + 1);
            assertThrows(RuntimeException.class, () -> SignalCodec.parse(longer, OTHER));
            for (int at : new int[] {0, 1, HEAD.length() / 2}) {
                byte[] other = whole.clone();
                other[at] = 99;
                assertThrows(RuntimeException.class, () -> SignalCodec.parse(other, OTHER));
            }
        }
    }

    @Test
    void garbage_is_refused_by_an_exception_and_by_nothing_worse() {
        Random random = new Random(7);
        byte[][] frozen = FROZEN.keySet().stream().map(HexFormat.of()::parseHex).toArray(byte[][]::new);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = frozen[i % frozen.length].clone();
            for (int n = 0; n <= random.nextInt(4); n++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                SignalCodec.parse(bytes, OTHER);
            } catch (RuntimeException refused) {
                // As it should.
            }
        }
    }

    @Test
    void what_was_spent_is_something() {
        for (int count : new int[] {0, -1}) {
            byte[] bytes = SignalCodec.encode(new Signal.Spent("u", count), PRODUCER);
            assertThrows(RuntimeException.class, () -> SignalCodec.parse(bytes, OTHER));
        }
    }
}
