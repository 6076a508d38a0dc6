package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Sanitizer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SettingsTest {

    private static final HistoryLimits LONG = new HistoryLimits(1000, Duration.ofHours(1), 1 << 24);
    private static final HistoryLimits NONE = new HistoryLimits(0, Duration.ZERO, 0);

    @ParameterizedTest(name = "{0} and {1}: {2}")
    @CsvSource(
            nullValues = "-",
            value = {
                "lobby,     lobby,         true",
                "lobby,     lobby2,        false",
                "lobby,     Lobby,         false",
                "lobby,     a lobby,       false",
                "*,         anything,      true",
                "*,         '',            true",
                "'',        '',            true",
                "'',        x,             false",
                "game-*,    game-1,        true",
                "game-*,    game-,         true",
                "game-*,    game,          false",
                "game-*,    my game-1,     false",
                "*-game,    a-game,        true",
                "*-game,    a-games,       false",
                "a*b*c,     abc,           true",
                "a*b*c,     a--b--b--c,    true",
                "a*b*c,     acb,           false",
                "**,        x,             true",
                "a.c,       a.c,           true",
                "a.c,       abc,           false",
                "[a-z]+,    abc,           false",
                "[a-z]+,    [a-z]+,        true",
                "a?,        ab,            false",
                "(,         (,             true",
                "\\Q*\\E,   \\Qx\\E,       true",
                "\\E.*,     \\Exyz,        false",
                "$^|,       $^|,           true",
            })
    void in_a_pattern_only_the_star_is_special(String pattern, String room, boolean matches) {
        Settings settings = new Settings(Rooms.builder().history(pattern, LONG));
        assertSame(matches ? LONG : HistoryLimits.DEFAULT, settings.historyOf(room));
    }

    @Test
    void a_star_stands_for_any_character_of_a_name() {
        Settings settings = new Settings(Rooms.builder().history("a*z", LONG));
        assertSame(LONG, settings.historyOf("a\uD83D\uDE00\u00A0\u0085z"));
    }

    @Test
    void the_first_pattern_that_matches_counts() {
        Settings settings =
                new Settings(Rooms.builder().history("game-quick", NONE).history("game-*", LONG));
        assertSame(NONE, settings.historyOf("game-quick"));
        assertSame(LONG, settings.historyOf("game-slow"));
        Settings reversed = new Settings(Rooms.builder().history("game-*", LONG).history("game-quick", NONE));
        assertSame(LONG, reversed.historyOf("game-quick"));
    }

    @Test
    void other_rooms_keep_what_the_hub_keeps() {
        Settings settings = new Settings(Rooms.builder().history("a", LONG).history(NONE));
        assertSame(LONG, settings.historyOf("a"));
        assertSame(NONE, settings.historyOf("b"));
    }

    @ParameterizedTest
    @EnumSource
    void a_limit_has_its_default_until_it_is_set(Limit limit) {
        assertEquals(limit.defaultValue(), new Settings(Rooms.builder()).limit(limit));
        long other = limit.smallest() + 7;
        assertEquals(other, new Settings(Rooms.builder().limit(limit, other)).limit(limit));
    }

    @Test
    void a_limit_reads_as_a_count_and_as_a_time() {
        Settings settings = new Settings(
                Rooms.builder().limit(Limit.OUTBOX_BYTES, Long.MAX_VALUE).limit(Limit.GRACE, 1_500));
        assertEquals(Integer.MAX_VALUE, settings.count(Limit.OUTBOX_BYTES));
        assertEquals(1_500, settings.count(Limit.GRACE));
        assertEquals(Duration.ofMillis(1_500), settings.duration(Limit.GRACE));
    }

    @Test
    void a_user_may_send_four_times_what_a_connection_may() {
        assertEquals(new Rate(200, 400), new Settings(Rooms.builder()).userRate);
        assertEquals(
                new Rate(12, Integer.MAX_VALUE),
                new Settings(Rooms.builder().rate(new Rate(3, Integer.MAX_VALUE))).userRate);
        assertEquals(
                new Rate(1, 1),
                new Settings(Rooms.builder().rate(new Rate(3, 5)).userRate(new Rate(1, 1))).userRate);
    }

    @Test
    void a_type_has_its_own_sanitizer_or_the_hubs() {
        Settings settings =
                new Settings(Rooms.builder().sanitizer("code", Sanitizer.none()).sanitizer(Sanitizer.escapeHtml()));
        assertEquals("<b>", settings.sanitizerOf("code").clean("<b>"));
        assertEquals("&lt;b&gt;", settings.sanitizerOf("chat").clean("<b>"));
    }

    @Test
    void what_the_builder_is_told_later_changes_nothing() {
        RoomsBuilder builder = Rooms.builder();
        Settings settings = new Settings(builder);
        builder.limit(Limit.GRACE, 1)
                .history("*", LONG)
                .history(NONE)
                .sanitizer("chat", Sanitizer.escapeHtml())
                .heartbeat(Duration.ofMillis(1))
                .rate(new Rate(1, 1));
        assertEquals(Limit.GRACE.defaultValue(), settings.limit(Limit.GRACE));
        assertSame(HistoryLimits.DEFAULT, settings.historyOf("r"));
        assertEquals("<b>", settings.sanitizerOf("chat").clean("<b>"));
        assertEquals(Duration.ofSeconds(30), settings.heartbeat);
        assertEquals(Rate.DEFAULT, settings.rate);
    }
}
