package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.transport.Inbound;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessagePartsTest {

    private final List<String> told = new ArrayList<>();
    private final Inbound hub = new Inbound() {
        @Override
        public void texts(List<String> texts) {
            throw new AssertionError("not called here");
        }

        @Override
        public void text(String text) {
            told.add(text);
        }

        @Override
        public void binary() {
            told.add("binary");
        }

        @Override
        public int maxMessageBytes() {
            throw new AssertionError("not called here");
        }

        @Override
        public void tooManyFrames() {
            told.add("too many");
        }

        @Override
        public void tooBig() {
            told.add("too big");
        }

        @Override
        public void pong() {}

        @Override
        public void closed(int code) {}
    };
    private int largest = 10;
    private long now;
    private final List<Integer> holds = new ArrayList<>();
    private final MessageParts parts =
            new MessageParts(() -> largest, new FrameRate(3, () -> now), holds::add, event -> event.accept(hub));

    @Test
    void whole_messages_pass() {
        parts.text("one", true);
        parts.text("", true);
        parts.text("0123456789", true);
        parts.binary(ByteBuffer.allocate(10), true);
        assertEquals(List.of("one", "", "0123456789", "binary"), told);
    }

    @Test
    void parts_become_one_message_also_between_the_halves_of_a_character() {
        String woman = "\ud83d\udc69";
        parts.text("a" + woman.charAt(0), false);
        parts.text(woman.charAt(1) + "b", false);
        parts.text("", true);
        parts.text("next", true);
        parts.binary(ByteBuffer.allocate(4), false);
        parts.binary(ByteBuffer.allocate(4), true);
        parts.binary(ByteBuffer.allocate(10), true);
        assertEquals(List.of("a" + woman + "b", "next", "binary", "binary"), told);
    }

    @Test
    void the_bound_that_holds_is_that_of_the_moment() {
        largest = 5;
        parts.text("0123", false);
        largest = 10;
        parts.text("456789", true);
        largest = 5;
        parts.text("0123", false);
        parts.text("45", false);
        assertEquals(List.of("0123456789", "too big"), told);
    }

    @Test
    void too_much_is_told_once_and_then_nothing() {
        parts.text("012345", false);
        parts.text("6789x", false);
        parts.text("more", true);
        parts.binary(ByteBuffer.allocate(100), true);
        assertEquals(List.of("too big"), told);
    }

    @Test
    void too_much_binary_is_told_before_it_is_whole() {
        parts.binary(ByteBuffer.allocate(6), false);
        parts.binary(ByteBuffer.allocate(6), false);
        parts.text("later", true);
        assertEquals(List.of("too big"), told);
    }

    @Test
    void text_counts_in_bytes_whatever_its_characters() {
        parts.text("\u20ac\u20ac", false);
        parts.text("\u20ac", false);
        parts.text("\u20ac", false);
        assertEquals(List.of("too big"), told);
        assertEquals(List.of(6, 9, 0), holds);
    }

    @Test
    void what_is_held_is_told_until_the_message_is_whole() {
        parts.text("one", true);
        parts.binary(ByteBuffer.allocate(4), false);
        parts.binary(ByteBuffer.allocate(4), true);
        assertEquals(List.of(), holds);
        parts.text("012", false);
        parts.text("345", false);
        parts.text("6", true);
        parts.text("two", true);
        assertEquals(List.of(3, 6, 0), holds);
        assertEquals(List.of("one", "binary", "0123456", "two"), told);
    }

    @Test
    void parts_in_which_there_is_nothing_have_a_rate() {
        for (int second = 0; second < 3; second++) {
            parts.text("", false);
            parts.binary(ByteBuffer.allocate(0), false);
            parts.text("", false);
            now += 1_000_000_000;
        }
        assertEquals(List.of(), told);
        for (int i = 0; i < 5; i++) {
            parts.text("", false);
        }
        assertEquals(List.of("too many"), told);
    }
}
