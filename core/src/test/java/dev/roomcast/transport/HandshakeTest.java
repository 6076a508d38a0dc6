package dev.roomcast.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.Principal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HandshakeTest {

    @Test
    void an_empty_request_knows_nothing() {
        Handshake handshake = Handshake.builder().build();
        assertEquals(Optional.empty(), handshake.parameter("room"));
        assertEquals(Optional.empty(), handshake.header("Origin"));
        assertEquals(List.of(), handshake.headerValues("Origin"));
        assertEquals(Optional.empty(), handshake.principal());
        assertEquals(Optional.empty(), handshake.remoteAddress());
        assertFalse(handshake.isSecure());
    }

    @Test
    void everything_that_was_described_is_known() {
        Principal ann = () -> "ann";
        Handshake handshake = Handshake.builder()
                .parameter("room", "r")
                .header("Origin", "https://a.example")
                .principal(ann)
                .remoteAddress("192.0.2.1")
                .secure(true)
                .build();
        assertEquals(Optional.of("r"), handshake.parameter("room"));
        assertEquals(Optional.of("https://a.example"), handshake.header("Origin"));
        assertEquals(Optional.of(ann), handshake.principal());
        assertEquals(Optional.of("192.0.2.1"), handshake.remoteAddress());
        assertTrue(handshake.isSecure());
    }

    @Test
    void headers_have_any_case_and_parameters_their_own() {
        Handshake handshake = Handshake.builder()
                .headers(Map.of("X-FORWARDED-for", List.of("1", "2")))
                .parameters(Map.of("Room", List.of("r", "s")))
                .build();
        assertEquals(Optional.of("1"), handshake.header("x-forwarded-FOR"));
        assertEquals(List.of("1", "2"), handshake.headerValues("X-Forwarded-For"));
        assertEquals(Optional.of("r"), handshake.parameter("Room"));
        assertEquals(Optional.empty(), handshake.parameter("room"));
    }

    @Test
    void a_name_without_values_is_as_good_as_absent() {
        Handshake handshake = Handshake.builder()
                .headers(Map.of("Origin", List.of()))
                .parameters(Map.of("room", List.of()))
                .build();
        assertEquals(Optional.empty(), handshake.header("Origin"));
        assertEquals(Optional.empty(), handshake.parameter("room"));
    }

    /** A case-sensitive map may hold one header twice; whoever checks that there is one must see both. */
    @Test
    void headers_that_differ_in_case_are_one_header() {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        fields.put("Origin", List.of("https://a.example"));
        fields.put("origin", List.of("https://b.example"));
        Handshake handshake = Handshake.builder().headers(fields).build();
        assertEquals(List.of("https://a.example", "https://b.example"), handshake.headerValues("ORIGIN"));
    }

    /** The headers once were the builder's own map. */
    @Test
    void what_the_builder_is_told_later_changes_nothing() {
        Handshake.Builder builder = Handshake.builder().header("Origin", "https://a.example");
        Handshake handshake = builder.build();
        builder.header("Origin", "https://b.example")
                .header("Host", "b.example")
                .parameter("room", "r");
        assertEquals(Optional.of("https://a.example"), handshake.header("Origin"));
        assertEquals(Optional.empty(), handshake.header("Host"));
        assertEquals(Optional.empty(), handshake.parameter("room"));
    }

    @Test
    void what_the_container_changes_later_changes_nothing() {
        Map<String, List<String>> fields = new HashMap<>();
        List<String> values = new ArrayList<>(List.of("a"));
        fields.put("x", values);
        Handshake handshake =
                Handshake.builder().headers(fields).parameters(fields).build();
        values.add("b");
        fields.clear();
        assertEquals(List.of("a"), handshake.headerValues("x"));
        assertEquals(Optional.of("a"), handshake.parameter("x"));
        assertThrows(
                UnsupportedOperationException.class,
                () -> handshake.headerValues("x").add("c"));
    }
}
