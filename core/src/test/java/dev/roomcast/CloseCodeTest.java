package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode.Advice;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloseCodeTest {

    /** The numbers, and whether to come back, are known to clients that are out there. */
    @ParameterizedTest
    @CsvSource({
        "1000, NORMAL,           STAY_AWAY, true",
        "1001, GOING_AWAY,       RECONNECT, false",
        "1008, POLICY,           STAY_AWAY, true",
        "1009, TOO_BIG,          STAY_AWAY, true",
        "4008, TOO_SLOW,         RECONNECT, false",
        "4400, BAD_REQUEST,      STAY_AWAY, true",
        "4401, UNAUTHENTICATED,  NEW_TOKEN, true",
        "4403, FORBIDDEN,        STAY_AWAY, true",
        "4408, HEARTBEAT_LOST,   RECONNECT, false",
        "4409, CONNECTION_LIMIT, STAY_AWAY, true",
        "4429, TOO_MANY,         BACK_OFF,  true",
        "4503, UNAVAILABLE,      BACK_OFF,  false",
    })
    void the_table_stands(int number, CloseCode code, Advice advice, boolean leavesAtOnce) {
        assertEquals(number, code.code());
        assertEquals(advice, code.advice());
        assertEquals(leavesAtOnce, code.leavesAtOnce());
    }

    @Test
    void the_table_above_is_whole_and_no_number_stands_twice() {
        assertEquals(12, CloseCode.values().length);
        assertEquals(
                12,
                Arrays.stream(CloseCode.values())
                        .map(CloseCode::code)
                        .distinct()
                        .count());
    }

    @ParameterizedTest
    @EnumSource
    void a_number_finds_its_constant(CloseCode code) {
        assertEquals(Optional.of(code), CloseCode.of(code.code()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1005, 1006, 1007, 1015, 4000, 4999})
    void other_numbers_find_none(int number) {
        assertEquals(Optional.empty(), CloseCode.of(number));
    }

    /** RFC 6455 sections 7.4.1 and 7.4.2; 1004, 1005, 1006 and 1015 must not be sent. */
    @ParameterizedTest
    @EnumSource
    void each_number_may_be_sent(CloseCode code) {
        int number = code.code();
        boolean registered = number >= 1000 && number <= 1014 && number != 1004 && number != 1005 && number != 1006;
        assertTrue(registered || (number >= 4000 && number <= 4999));
    }
}
