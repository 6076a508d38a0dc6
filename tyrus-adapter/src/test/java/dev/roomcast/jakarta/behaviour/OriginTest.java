package dev.roomcast.jakarta.behaviour;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Foreign pages are refused before the upgrade. */
class OriginTest {

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "https://127.0.0.1", "http://127.0.0.1:1", "null", "nonsense", ""})
    void a_page_of_another_origin_is_refused_with_403(String origin) {
        try (Site site = Site.open()) {
            assertEquals(403, PlainClient.refusal(site.port(), "room=lobby&user=eve", "Origin", origin));
            assertEquals(0, site.stats().connections());
        }
    }

    @Test
    void a_page_of_the_same_origin_comes_in() {
        try (Site site = Site.open();
                PlainClient ann = PlainClient.connect(
                        site.port(), "room=lobby&user=ann", "Origin", "http://127.0.0.1:" + site.port())) {
            ann.expect("welcome");
        }
    }

    @Test
    void one_that_is_no_browser_comes_in() {
        try (Site site = Site.open();
                PlainClient tool = PlainClient.connect(site.port(), "room=lobby&user=tool")) {
            tool.expect("welcome");
        }
    }

    @Test
    void a_list_of_origins_admits_those_and_no_others() {
        try (Site site = Site.open(hub -> hub.allowedOrigins("https://app.example.com", "http://localhost:5173"))) {
            String query = "room=lobby&user=ann";
            PlainClient.connect(site.port(), query, "Origin", "https://app.example.com")
                    .close();
            PlainClient.connect(site.port(), query, "Origin", "http://localhost:5173")
                    .close();
            assertEquals(403, PlainClient.refusal(site.port(), query, "Origin", "http://app.example.com"));
            assertEquals(403, PlainClient.refusal(site.port(), query, "Origin", "https://app.example.com.evil.com"));
            assertEquals(403, PlainClient.refusal(site.port(), query, "Origin", "http://127.0.0.1:" + site.port()));
        }
    }

    @Test
    void any_origin_comes_in_if_that_was_spelled_out() {
        try (Site site = Site.open(hub -> hub.allowedOrigins("*"));
                PlainClient eve =
                        PlainClient.connect(site.port(), "room=lobby&user=eve", "Origin", "http://evil.example")) {
            eve.expect("welcome");
        }
    }

    @Test
    void two_origins_in_one_request_are_refused() {
        try (Site site = Site.open();
                RawClient eve = RawClient.dial(site.port())) {
            String own = "Origin: http://127.0.0.1:" + site.port();
            String answer = eve.request("GET /rooms?room=lobby&user=eve HTTP/1.1", own, "Origin: http://evil.example");
            assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
        }
    }

    @Test
    void a_refusal_carries_nothing_of_an_upgrade_and_ends_the_connection() {
        try (Site site = Site.open();
                RawClient eve = RawClient.dial(site.port())) {
            String answer = eve.request("GET /rooms?room=lobby&user=eve HTTP/1.1", "Origin: http://evil.example");
            assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
            assertFalse(answer.contains("Sec-WebSocket-Accept"), answer);
            assertFalse(answer.toLowerCase(Locale.ROOT).contains("upgrade"), answer);
            assertTrue(answer.contains("Connection: close"), answer);
            assertEquals(1006, eve.expectClose());
        }
    }
}
