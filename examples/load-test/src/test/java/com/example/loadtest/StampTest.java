package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StampTest {

    private final Stamp stamp = new Stamp();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"chat\",\"userId\":\"u1\",\"content\":\"load:3:41:987654321012:xxx\",\"timestamp\":1,\"room\":\"r\",\"epoch\":\"e\",\"offset\":77}",
                "{\"offset\":77,\"content\":\"load:3:41:987654321012:\",\"type\":\"chat\"}",
                "{\"content\": \"load:3:41:987654321012:xx\", \"offset\": 77, \"more\": {\"a\":1}}",
            })
    void aStampIsReadWhateverTheOrderOfFields(String json) {
        assertEquals(Stamp.Kind.STAMPED, read(json));
        assertEquals(3, stamp.publisher);
        assertEquals(41, stamp.sequence);
        assertEquals(987_654_321_012L, stamp.sentAt);
        assertEquals(77, stamp.offset);
    }

    @Test
    void theOffsetIsReadFromTheEndOrFromWhereItIs() {
        read("{\"content\":\"load:0:1:2:\",\"offset\":123}");
        assertEquals(123, stamp.offset);
        read("{\"content\":\"load:0:1:2:\",\"offset\":124,\"id\":9}");
        assertEquals(124, stamp.offset);
        read("{\"content\":\"load:0:1:2:\",\"timestamp\":125}");
        assertEquals(-1, stamp.offset);
    }

    @Test
    void whatIsWrittenIsRead() {
        read("{\"content\":\"" + Stamp.content(12, 3_000_000_000L, 4_000_000_000_000L) + "xx\"}");
        assertEquals(12, stamp.publisher);
        assertEquals(3_000_000_000L, stamp.sequence);
        assertEquals(4_000_000_000_000L, stamp.sentAt);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"joined\",\"room\":\"r\"}|JOINED",
                "{\"type\":\"user_joined\"}|USER_JOINED",
                "{\"userId\":\"u\",\"type\": \"user_joined\"}|USER_JOINED",
                "{\"type\":\"left\"}|LEFT",
                "{\"type\":\"user_left\"}|OTHER",
                "{\"type\":\"error\",\"code\":\"rate_limited\"}|ERROR",
                "{\"type\":\"gap\"}|GAP",
                "{\"type\":\"chat\",\"content\":\"hello\"}|OTHER",
                "{\"type\":|OTHER",
                "[]|OTHER",
            })
    void theOtherKindsAreToldByTheirType(String json, Stamp.Kind kind) {
        assertEquals(kind, read(json));
    }

    private Stamp.Kind read(String json) {
        byte[] bytes = ("before" + json + "after").getBytes(StandardCharsets.UTF_8);
        return stamp.read(bytes, 6, bytes.length - 5);
    }
}
