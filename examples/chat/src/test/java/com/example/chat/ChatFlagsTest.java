package com.example.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Identity;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ChatFlagsTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource({
        "--nope, --nope",
        "extra, extra",
        "--port=many, --port",
        "--port=70000, 70000",
        "--heartbeat=30, --heartbeat",
        "--heartbeat=0s, --heartbeat",
        "--rate=fast, --rate",
        "--rate=0/s, --rate",
        "--origin=app.example.com, --origin",
        "--history=-1, --history",
        "--max-message=0, --max-message",
        "--redis=http://localhost, --redis",
        "--sanitize=all, --sanitize",
        "--sanitize=TEXT, --sanitize",
        "--sanitize=, --sanitize",
        "--auth-secret=short, --auth-secret",
        "--auth-secret=, --auth-secret",
        "--token=north, --auth-secret",
        "--invite=north, --auth-secret",
    })
    void aWrongFlagOrValueIsOneLineAndCode2(String flag, String named) {
        assertEquals(2, run(flag));
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().contains(named), err::toString);
        assertEquals("", out.toString());
    }

    @Test
    void aWrongRedisIsNamedWithoutItsPassword() {
        assertEquals(2, run("--redis=redis://:s3cret@host:notaport"));
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertFalse(err.toString().contains("s3cret"), err::toString);
    }

    @Test
    void aValueWithALineBreakIsStillOneLine() {
        assertEquals(2, run("--rate=1\n2"));
        assertEquals(1, err.toString().lines().count(), err::toString);
    }

    @Test
    void aBusyPortIsOneLineAndCode2() throws Exception {
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            String port = String.valueOf(busy.getLocalPort());
            assertEquals(2, run("--port", port));
            assertEquals(1, err.toString().lines().count(), err::toString);
            assertTrue(err.toString().contains(port), err::toString);
        }
    }

    @Test
    void aSecretIsMeasuredInBytesAndNeverShown() {
        String tooShort = "s".repeat(31);
        assertEquals(2, run("--auth-secret", tooShort, "--token", "north"));
        assertTrue(err.toString().contains("31 bytes"), err::toString);
        assertFalse(err.toString().contains(tooShort), err::toString);
        assertEquals(0, run("--auth-secret", "ü".repeat(16), "--token", "north"));
    }

    @Test
    void aTokenIsPrintedAndNothingElse() throws Exception {
        String secret = "a secret of this test, and of no other";
        assertEquals(0, run("--auth-secret", secret, "--token", "Zoë North"));
        assertEquals(1, out.toString().lines().count());
        Identity identity = new Tokens(secret)
                .verify(out.toString().strip())
                .toCompletableFuture()
                .get();
        assertEquals("Zoë North", identity.userId());
        Duration life = Duration.between(Instant.now(), identity.expiresAt());
        assertTrue(life.toMinutes() >= 58 && life.toMinutes() <= 60, life::toString);
    }

    @Test
    void nobodyGetsATokenWithANameThatIsRefused() {
        assertEquals(2, run("--auth-secret", "s".repeat(32), "--token", "two\nlines"));
        assertEquals(2, run("--auth-secret", "s".repeat(32), "--invite", "two\nlines"));
        assertEquals(2, err.toString().lines().count(), err::toString);
        assertEquals("", out.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "text, <b onclick=x>a & b</b>",
        "escape, &lt;b onclick=x&gt;a &amp; b&lt;/b&gt;",
        "html, <b>a &amp; b</b>",
        "none, <b onclick=x>a & b</b>"
    })
    void eachSanitizerIsFoundByItsName(String name, String cleaned) {
        assertEquals(cleaned, new Flags.ToSanitizer().convert(name).clean("<b onclick=x>a & b</b>"));
    }

    @Test
    void helpNamesEveryFlag() {
        assertEquals(0, run("--help"));
        for (String flag : new String[] {
            "--port",
            "--host",
            "--heartbeat",
            "--rate",
            "--origin",
            "--history",
            "--max-message",
            "--sanitize",
            "--auth-secret",
            "--token",
            "--invite",
            "--redis"
        }) {
            assertTrue(out.toString().contains(flag + "="), flag);
        }
    }

    @ParameterizedTest
    @CsvSource({"500ms, PT0.5S", "30s, PT30S", "2m, PT2M", "1h, PT1H"})
    void timesAreReadWithTheirUnit(String text, Duration expected) {
        assertEquals(expected, new Flags.ToDuration().convert(text));
    }

    private int run(String... args) {
        CommandLine chat = Chat.commandLine();
        chat.setOut(new PrintWriter(out, true));
        chat.setErr(new PrintWriter(err, true));
        return chat.execute(args);
    }
}
