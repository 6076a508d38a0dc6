package dev.roomcast.browser;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Rate;
import dev.roomcast.guard.Sanitizer;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * What pages execute of what clients write. Each attack travels through a real server, as content, as a key, as metadata,
 * as the name of a user and of a room, to a page in a real browser that shows it in the ways that its sanitizer is for. The
 * same page with no sanitizer executes hundreds of them, so it would see the one that gets through. {@code
 * ROOMCAST_THOROUGH=true} tries all of them.
 */
@Timeout(180)
class XssTest {

    /** What a server does to what clients write. */
    enum Cleaning {
        TEXT,
        ESCAPE,
        HTML,
        NONE;

        String path() {
            return name().toLowerCase(Locale.ROOT);
        }

        Sanitizer sanitizer() {
            return switch (this) {
                case TEXT -> Sanitizer.text();
                case ESCAPE -> Sanitizer.escapeHtml();
                case HTML -> Sanitizer.safeHtml();
                case NONE -> Sanitizer.none();
            };
        }

        /** The ways to show it that this is for. */
        List<String> sinks() {
            return switch (this) {
                case TEXT -> List.of("textContent");
                case ESCAPE, NONE -> List.of("innerHTML", "fragment", "attribute");
                case HTML -> List.of("innerHTML", "fragment");
            };
        }
    }

    /** Inline formatting, blocks and links: what {@link Sanitizer#safeHtml()} says that it keeps. */
    private static final Pattern WELCOME = Pattern.compile("(b|i|em|strong|u|s|strike|small|big|sub|sup|tt|code|font|br"
            + "|p|div|h[1-6]|ul|ol|li|blockquote|span)"
            + "|a|a\\[(rel|href=(https?|mailto):)]");

    /** In HTML this is markup or an entity, and does not read as written. */
    private static final Pattern MARKUP = Pattern.compile("<[a-zA-Z/!?]|&#?\\w+");

    /**
     * All attacks, or every so many: the file is in order of their kinds, so some of each are among them.
     */
    private static final int STEP = Boolean.parseBoolean(System.getenv("ROOMCAST_THOROUGH")) ? 1 : 5;

    /** Names and keys with control characters or half characters in them are refused, and so shown to nobody. */
    private static final int MOST = 400 / STEP;

    private static final String END = "the end";
    private static final Rate UNLIMITED = new Rate(100_000, 100_000);

    private static final List<String> ALL_ATTACKS = Texts.of("/payloads.jsonl");
    private static final List<String> ATTACKS = IntStream.range(0, ALL_ATTACKS.size())
            .filter(index -> index % STEP == 0)
            .mapToObj(ALL_ATTACKS::get)
            .toList();
    private static final List<String> HARMLESS = Texts.of("/harmless.jsonl");

    private static final Map<Cleaning, Rooms> HUBS = new EnumMap<>(Cleaning.class);
    private static Browser browser;
    private static RoomServer server;

    private HostilePage page;

    @BeforeAll
    static void start() throws Exception {
        // Frames with processes of their own would not be disarmed in time.
        browser = Browser.start("--disable-features=IsolateSandboxedIframes");
        HostilePage.disarm(browser.driver());
        RoomServer.Builder builder = RoomServer.builder().port(0).resources("xss");
        for (Cleaning cleaning : Cleaning.values()) {
            Rooms rooms = Rooms.builder()
                    .sanitizer(cleaning.sanitizer())
                    .rate(UNLIMITED)
                    .userRate(UNLIMITED)
                    .handshakes(UNLIMITED)
                    .limit(Limit.BAD_REQUESTS_PER_MINUTE, Integer.MAX_VALUE)
                    .build();
            HUBS.put(cleaning, rooms);
            builder.endpoint(RoomEndpoint.at("/" + cleaning.path(), rooms));
        }
        server = builder.start();
    }

    @AfterAll
    static void stop() throws Exception {
        HUBS.values().forEach(Rooms::close);
        if (server != null) {
            server.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void open() {
        page = new HostilePage(browser.driver(), server.uri());
    }

    @Test
    void thereAreManyAttacksAndNoTwoAreTheSame() {
        assertTrue(ALL_ATTACKS.size() >= 200, ALL_ATTACKS.size() + " attacks");
        assertEquals(ALL_ATTACKS.size(), new HashSet<>(ALL_ATTACKS).size());
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void noContentAndNoKeyIsExecuted(Cleaning cleaning) throws Exception {
        receiveAttacks(cleaning);
        // Where HTML is welcome, of many attacks the same is left: nothing.
        assertNothingRuns(cleaning, "contents and keys", cleaning == Cleaning.HTML ? 50 / STEP : MOST);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void noNameOrMetadataOfAUserIsExecuted(Cleaning cleaning) throws Exception {
        page.listen(cleaning.path(), "names");
        int refused = Speaker.comeAndGo(server.uri(), cleaning.path(), "names", ATTACKS);
        sayEnd(cleaning, "names");
        assertNothingRuns(cleaning, "names and metadata of users, " + refused + " refused", MOST);
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void noNameOfARoomIsExecuted(Cleaning cleaning) {
        page.listen(cleaning.path(), "rooms");
        int refused = page.visit(ATTACKS);
        assertNothingRuns(cleaning, "names of rooms, " + refused + " refused", MOST);
    }

    @Test
    void withoutASanitizerThePageExecutesThem() throws Exception {
        receiveAttacks(Cleaning.NONE);
        Set<String> all = new HashSet<>();
        for (String sink : Cleaning.NONE.sinks()) {
            HostilePage.Findings findings = page.provoke(sink, 1);
            report(Cleaning.NONE, sink, "contents and keys", findings);
            assertTrue(findings.ran().size() >= 30 / STEP, findings::toString);
            all.addAll(findings.ran());
        }
        System.out.printf("XSS: none: %d of %d attacks run in one way or another%n", all.size(), ATTACKS.size());
    }

    @Test
    void textReadsAsWritten() throws Exception {
        receiveHarmless(Cleaning.TEXT);
        assertEquals(HARMLESS, read("textContent"));
    }

    @Test
    void escapedTextReadsAsWritten() throws Exception {
        receiveHarmless(Cleaning.ESCAPE);
        assertEquals(HARMLESS, read("innerHTML"));
    }

    @Test
    void whereHtmlIsWelcomeWhatIsNoHtmlReadsAsWritten() throws Exception {
        receiveHarmless(Cleaning.HTML);
        List<String> read = read("innerHTML");
        List<String> expected = new ArrayList<>();
        List<String> actual = new ArrayList<>();
        for (int i = 0; i < HARMLESS.size(); i++) {
            if (!MARKUP.matcher(HARMLESS.get(i)).find()) {
                expected.add(HARMLESS.get(i));
                actual.add(read.get(i));
            }
        }
        assertTrue(expected.size() >= 25, expected::toString);
        assertEquals(expected, actual);
    }

    private void receiveAttacks(Cleaning cleaning) throws Exception {
        page.listen(cleaning.path(), "contents");
        try (Speaker speaker = Speaker.connect(server.uri(), cleaning.path(), "contents", "speaker")) {
            for (String attack : ATTACKS) {
                speaker.say(attack);
                speaker.say(Map.of(attack, List.of(attack)));
            }
            speaker.say(END);
            page.awaitContent(END);
        }
    }

    private void receiveHarmless(Cleaning cleaning) throws Exception {
        page.listen(cleaning.path(), "harmless");
        try (Speaker speaker = Speaker.connect(server.uri(), cleaning.path(), "harmless", "speaker")) {
            HARMLESS.forEach(speaker::say);
            speaker.say(END);
            page.awaitContent(END);
        }
    }

    /** What came, as a page that shows it so would have it read. */
    private List<String> read(String sink) {
        List<String> read = page.read(sink);
        assertEquals(END, read.get(read.size() - 1));
        return read.subList(0, read.size() - 1);
    }

    private void sayEnd(Cleaning cleaning, String room) throws Exception {
        try (Speaker speaker = Speaker.connect(server.uri(), cleaning.path(), room, "speaker")) {
            speaker.say(END);
            page.awaitContent(END);
        }
    }

    /** The page must also have been shown something, or nothing would be proved. */
    private void assertNothingRuns(Cleaning cleaning, String what, int atLeast) {
        for (String sink : cleaning.sinks()) {
            HostilePage.Findings findings = page.provoke(sink, 8);
            report(cleaning, sink, what, findings);
            assertAll(
                    cleaning + " in " + sink,
                    () -> assertTrue(findings.strings() >= atLeast, "only " + findings.strings() + " texts came"),
                    () -> assertEquals(List.of(), findings.ran()),
                    () -> assertEquals(List.of(), unwelcome(cleaning, sink, findings.made())));
        }
        page.assertUntouched();
    }

    /** Elements and attributes that nobody should be able to make, even if they execute nothing today. */
    private static List<String> unwelcome(Cleaning cleaning, String sink, List<String> made) {
        if (cleaning == Cleaning.HTML) {
            return made.stream()
                    .filter(kind -> !WELCOME.matcher(kind).matches())
                    .toList();
        }
        List<String> ofThePage = sink.equals("attribute") ? List.of("p", "p[class]", "p[title]") : List.of();
        return made.stream().filter(kind -> !ofThePage.contains(kind)).toList();
    }

    private static void report(Cleaning cleaning, String sink, String what, HostilePage.Findings findings) {
        System.out.printf(
                "XSS: %s in %s: %d of %d texts run (%s)%n",
                cleaning.path(), sink, findings.ran().size(), findings.strings(), what);
    }
}
