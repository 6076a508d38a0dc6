package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import dev.roomcast.transport.TextFrame;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecentTest {

    private static final int WIDE = 1 << 20;

    private final Recent recent = new Recent(at(10));

    @Test
    void it_grows_without_holes_and_passes_over_what_it_knows() {
        assertTrue(add(11));
        assertTrue(add(12));
        assertTrue(add(11), "known");
        assertTrue(add(9), "older");
        assertFalse(add(14), "a hole");
        assertFalse(recent.add(Message.chat("x").in("r", 1).at(new Position("f", 13)), TextFrame.of("x")));
        assertTrue(recent.add(Message.chat("v").asVolatile(), TextFrame.of("v")), "has no place");
        assertEquals(at(12), recent.top());
        assertEquals(4, recent.bytes());
    }

    @Test
    void it_reaches_back_to_where_it_begins_and_no_further() {
        add(11);
        assertFalse(recent.reaches(at(9)));
        assertTrue(recent.reaches(at(10)));
        assertTrue(recent.reaches(at(11)));
        assertFalse(recent.reaches(at(12)), "the room was never there");
        assertFalse(recent.reaches(new Position("f", 11)));
        assertFalse(recent.endsBefore(at(10)));
        assertTrue(recent.endsBefore(at(11)));
        assertFalse(recent.endsBefore(new Position("f", 11)));
    }

    @Test
    void pages_follow_on_each_other_and_end_at_the_top() {
        for (int offset = 11; offset <= 60; offset++) {
            add(offset);
        }
        List<String> all = new ArrayList<>();
        Position at = at(15);
        int pages = 0;
        while (!at.equals(recent.top())) {
            Recent.Page page = recent.page(at, "ann", 20);
            assertTrue(page.end().offset() > at.offset());
            page.batches().forEach(batch -> batch.frames().forEach(frame -> all.add(frame.text())));
            at = page.end();
            pages++;
        }
        assertEquals(5, pages);
        assertEquals(45, all.size());
        assertEquals("16", all.get(0));
        assertEquals("60", all.get(44));
        assertEquals(List.of(), recent.page(recent.top(), "ann", 20).batches());
    }

    @Test
    void many_at_one_place_get_the_very_same_page_until_it_grows() {
        add(11);
        add(12);
        Recent.Page page = recent.page(at(10), "ann", WIDE);
        assertSame(page, recent.page(at(10), "bob", WIDE));
        add(13);
        Recent.Page grown = recent.page(at(10), "ann", WIDE);
        assertNotSame(page, grown);
        assertEquals(at(13), grown.end());
    }

    @Test
    void what_is_not_for_a_user_is_on_no_page_of_that_user() {
        add(11);
        Message secret = Message.chat("s").in("r", 1).at(at(12)).excluding(new Exclusion("gone", "ann"));
        assertTrue(recent.add(secret, TextFrame.of("12")));
        add(13);
        assertEquals(List.of("11", "13"), texts(recent.page(at(10), "ann", WIDE)));
        assertEquals(List.of("11", "12", "13"), texts(recent.page(at(10), "bob", WIDE)));
        assertEquals(at(13), recent.page(at(11), "ann", WIDE).end());
        assertEquals(at(12), recent.page(at(11), "bob", 1).end());
    }

    @Test
    void who_may_see_nothing_of_the_rest_is_at_its_end_all_the_same() {
        Message secret = Message.chat("s").in("r", 1).at(at(11)).excluding(new Exclusion("gone", "ann"));
        assertTrue(recent.add(secret, TextFrame.of("11")));
        Recent.Page page = recent.page(at(10), "ann", WIDE);
        assertEquals(List.of(), page.batches());
        assertEquals(recent.top(), page.end());
    }

    /** A page was kept for each position that anyone had come back from: 4 MB of messages became a gigabyte of pages. */
    @Test
    void however_many_positions_are_asked_for_few_pages_are_kept() {
        for (int offset = 11; offset <= 1_010; offset++) {
            add(offset);
        }
        for (int offset = 10; offset < 1_010; offset++) {
            Recent.Page page = recent.page(at(offset), "ann", WIDE);
            assertEquals(at(1_010), page.end());
            assertEquals(offset, page.batches().get(0).after());
        }
        assertEquals(32, recent.pages());
    }

    private boolean add(long offset) {
        return recent.add(Message.chat("x").in("r", 1).at(at(offset)), TextFrame.of(Long.toString(offset)));
    }

    private static Position at(long offset) {
        return new Position("e", offset);
    }

    private static List<String> texts(Recent.Page page) {
        return page.batches().stream()
                .flatMap(batch -> batch.frames().stream())
                .map(TextFrame::text)
                .toList();
    }
}
