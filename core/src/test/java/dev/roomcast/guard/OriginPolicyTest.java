package dev.roomcast.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.transport.Handshake;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginPolicyTest {

    private static final OriginPolicy LIST = OriginPolicy.of(List.of(
            "https://app.example.com",
            "http://localhost:5173",
            "https://[2001:db8::1]:8443",
            "chrome-extension://abcdefghijklmnop"));

    /** What a request with this Origin and this Host meets: "in" or "out". */
    @ParameterizedTest(name = "{0} at {1} is {2}")
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "https://example.com,               example.com,        in",
                "http://example.com,                example.com,        in",
                "HTTPS://EXAMPLE.COM,               example.com,        in",
                "https://example.com,               EXAMPLE.com,        in",
                "https://example.com:443,           example.com,        in",
                "http://example.com:80,             example.com,        in",
                "https://example.com,               example.com:443,    in",
                "http://example.com,                example.com:80,     in",
                "http://example.com:8080,           example.com:8080,   in",
                "http://localhost:8080,             localhost:8080,     in",
                "http://127.0.0.1:8080,             127.0.0.1:8080,     in",
                "http://[::1]:8080,                 [::1]:8080,         in",
                "https://[2001:DB8::1],             [2001:db8::1],      in",
                "http://my_host:8080,               my_host:8080,       in",
                "http://xn--bcher-kva.example,      xn--bcher-kva.example, in",
                "https://example.com,               example.com:8443,   out",
                "https://example.com:8443,          example.com,        out",
                "http://example.com,                example.com:443,    out",
                "https://example.com,               example.com:80,     out",
                "http://localhost:8080,             127.0.0.1:8080,     out",
                "http://[::1]:8080,                 localhost:8080,     out",
                "http://[::1]:8080,                 [0:0:0:0:0:0:0:1]:8080, out",
                "https://example.com.,              example.com,        out",
                "https://example.com,               example.com.,       out",
                "https://www.example.com,           example.com,        out",
                "https://example.com,               www.example.com,    out",
                "https://example.com.evil.com,      example.com,        out",
                "https://evil-example.com,          example.com,        out",
                "https://exampleXcom,               example.com,        out",
                "https://examp1e.com,               example.com,        out",
                "https://example.co,                example.com,        out",
                "https://example.comm,              example.com,        out",
                "https://example.com@evil.com,      example.com,        out",
                "https://example.com:443@evil.com,  example.com,        out",
                "https://evil.com#example.com,      example.com,        out",
                "https://evil.com?example.com,      example.com,        out",
                "https://evil.com/example.com,      example.com,        out",
                "https://evil.com\\example.com,     example.com,        out",
                "https://example.com/,              example.com,        out",
                "https://example.com/path,          example.com,        out",
                "https://example.com:0,             example.com:0,      out",
                "https://example.com:65536,         example.com:65536,  out",
                "https://example.com:,              example.com,        out",
                "https://example.com:44a,           example.com,        out",
                "https://example%2ecom,             example.com,        out",
                "https://ex%61mple.com,             example.com,        out",
                "https://example.com%00.evil.com,   example.com,        out",
                "https://,                          example.com,        out",
                "https:example.com,                 example.com,        out",
                "//example.com,                     example.com,        out",
                "example.com,                       example.com,        out",
                "://example.com,                    example.com,        out",
                "null,                              example.com,        out",
                "NULL,                              example.com,        out",
                "`https://example.com https://example.com`, example.com, out",
                "`https://example.com, https://evil.com`,   example.com, out",
                "` https://example.com`,            example.com,        out",
                "``,                                example.com,        out",
                "https://exämple.com,               exämple.com,        out",
                "file://,                           example.com,        out",
                "about:blank,                       example.com,        out",
                "data:text/html,                    example.com,        out",
                "javascript://example.com,          example.com,        out",
                "https://[::1,                      [::1,               out",
                "https://example.com,               ``,                 out",
            })
    void the_same_origin_is_the_host_that_was_asked(String origin, String host, String outcome) {
        Handshake handshake = Handshake.builder()
                .header("Origin", origin)
                .header("Host", host)
                .build();
        assertEquals(outcome, outcome(OriginPolicy.sameOrigin(), handshake));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "https://app.example.com,            in",
        "https://APP.example.com,            in",
        "https://app.example.com:443,        in",
        "http://localhost:5173,              in",
        "https://[2001:DB8::1]:8443,         in",
        "chrome-extension://abcdefghijklmnop, in",
        "http://app.example.com,             out",
        "https://app.example.com:8443,       out",
        "https://example.com,                out",
        "https://x.app.example.com,          out",
        "https://app.example.com.,           out",
        "https://app.example.com.evil.com,   out",
        "http://localhost,                   out",
        "http://localhost:5174,              out",
        "https://localhost:5173,             out",
        "https://[2001:db8::1],              out",
        "chrome-extension://abcdefghijklmnoq, out",
        "null,                               out",
        "*,                                  out",
    })
    void a_list_means_exactly_these(String origin, String outcome) {
        Handshake handshake = Handshake.builder()
                .header("Origin", origin)
                .header("Host", "app.example.com")
                .build();
        assertEquals(outcome, outcome(LIST, handshake));
    }

    /** Behind a proxy that ends TLS the page is https, and the handshake as the container sees it is not. */
    @ParameterizedTest(name = "a page of {0} and a handshake over TLS ({1}) is {2}")
    @CsvSource({
        "http://example.com, false, in",
        "https://example.com, false, in",
        "https://example.com, true, in",
        "http://example.com, true, out",
        "http://example.com:443, true, out",
        "https://example.com:8443, true, out",
    })
    void a_page_without_tls_opens_no_handshake_over_tls(String origin, boolean secure, String outcome) {
        Handshake handshake = Handshake.builder()
                .header("Origin", origin)
                .header("Host", origin.endsWith(":443") ? "example.com:443" : "example.com")
                .secure(secure)
                .build();
        assertEquals(outcome, outcome(OriginPolicy.sameOrigin(), handshake));
    }

    /** DNS rebinding: the page's own name has the address of this server. */
    @ParameterizedTest(name = "{0} at {1} is {2}")
    @CsvSource(
            nullValues = "-",
            value = {
                "http://localhost:8080,     localhost:8080,     in",
                "http://LOCALHOST:8080,     LOCALHOST:8080,     in",
                "https://app.example.com,   app.example.com,    in",
                "https://app.example.com:9, app.example.com:9,  in",
                "-,                         app.example.com,    in",
                "-,                         -,                  in",
                "http://localhost:8081,     localhost:8081,     out",
                "http://evil.example:8080,  evil.example:8080,  out",
                "http://evil.example:8080,  localhost:8080,     out",
                "http://localhost:8080,     -,                  out",
                "-,                         evil.example:8080,  out",
            })
    void named_hosts_are_the_only_ones(String origin, String host, String outcome) {
        Handshake.Builder handshake = Handshake.builder();
        if (origin != null) {
            handshake.header("Origin", origin);
        }
        if (host != null) {
            handshake.header("Host", host);
        }
        OriginPolicy policy = OriginPolicy.sameOrigin("app.example.com", "localhost:8080");
        assertEquals(outcome, outcome(policy, handshake.build()));
        assertEquals(
                outcome.equals("in") && origin != null ? "in" : "out",
                outcome(policy.refusingMissing(), handshake.build()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://example.com", "example.com/", "exa mple.com", "example.com:x"})
    void what_is_no_host_is_not_taken(String text) {
        assertThrows(IllegalArgumentException.class, () -> OriginPolicy.sameOrigin(text));
        assertThrows(IllegalArgumentException.class, () -> OriginPolicy.sameOrigin(new String[0]));
    }

    @Test
    void a_request_without_an_origin_is_a_program_and_a_policy_of_its_own() {
        Handshake program = Handshake.builder().header("Host", "example.com").build();
        assertEquals("in", outcome(OriginPolicy.sameOrigin(), program));
        assertEquals("in", outcome(LIST, program));
        assertEquals("out", outcome(OriginPolicy.sameOrigin().refusingMissing(), program));
        assertEquals("out", outcome(LIST.refusingMissing(), program));
        Handshake jettys =
                Handshake.builder().headers(Map.of("Origin", List.of())).build();
        assertEquals("in", outcome(LIST, jettys));
    }

    /** The Kelvin sign becomes a common k in lower case, so a look-alike of a host once was the host. */
    @Test
    void letters_that_are_alike_in_lower_case_only_are_not_alike() {
        Handshake lookAlike = Handshake.builder()
                .header("Origin", "https://\u212Aite.example")
                .header("Host", "kite.example")
                .build();
        assertEquals("out", outcome(OriginPolicy.sameOrigin(), lookAlike));
        assertEquals("out", outcome(OriginPolicy.of(List.of("https://kite.example")), lookAlike));
    }

    @Test
    void several_origins_are_none() {
        Handshake handshake = Handshake.builder()
                .headers(Map.of("Origin", List.of("https://app.example.com", "https://app.example.com")))
                .build();
        assertEquals("out", outcome(LIST, handshake));
        assertEquals("out", outcome(OriginPolicy.of(List.of("*")), handshake));
    }

    @Test
    void several_hosts_are_none() {
        Handshake handshake = Handshake.builder()
                .header("Origin", "https://a.example")
                .headers(Map.of("Host", List.of("a.example", "b.example")))
                .build();
        assertEquals("out", outcome(OriginPolicy.sameOrigin(), handshake));
    }

    @Test
    void null_and_any_must_be_spelled_out() {
        Handshake sandboxed = Handshake.builder().header("Origin", "null").build();
        assertEquals("in", outcome(LIST.allowingNull(), sandboxed));
        assertEquals("in", outcome(OriginPolicy.of(List.of("*")), sandboxed));
        Handshake foreign =
                Handshake.builder().header("Origin", "https://evil.com").build();
        assertEquals("in", outcome(OriginPolicy.of(List.of("*")), foreign));
        assertEquals("out", outcome(LIST.allowingNull(), foreign));
    }

    @Test
    void a_refusal_is_403_and_does_not_repeat_what_was_sent() {
        Handshake foreign =
                Handshake.builder().header("Origin", "https://evil.com").build();
        Refusal refusal = LIST.check(foreign).orElseThrow();
        assertEquals(403, refusal.status());
        assertTrue(!refusal.reason().contains("evil"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "app.example.com", "https://a.example/", "https://*.example.com", "null", "https://ü.example"
            })
    void what_is_not_an_origin_cannot_be_allowed(String text) {
        assertThrows(IllegalArgumentException.class, () -> OriginPolicy.of(List.of(text)));
    }

    @Test
    void an_empty_list_is_a_mistake() {
        assertThrows(IllegalArgumentException.class, () -> OriginPolicy.of(List.of()));
    }

    private static String outcome(OriginPolicy policy, Handshake handshake) {
        return policy.check(handshake).isEmpty() ? "in" : "out";
    }
}
