package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.message.Content;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code PROTOCOL.md} says what the code does, and all of it. */
class ProtocolPageTest {

    private static String page = "";
    private static List<Transcript> transcripts = List.of();

    @BeforeAll
    static void read() throws IOException {
        page = Transcript.page();
        transcripts = Transcript.of(page);
    }

    static Stream<Transcript> transcripts() throws IOException {
        return Transcript.of(Transcript.page()).stream();
    }

    @ParameterizedTest
    @MethodSource
    void transcripts(Transcript transcript) {
        Replay.of(transcript);
    }

    @Test
    void every_block_of_the_page_is_found() {
        assertEquals(
                Pattern.compile("(?m)^```transcript$").matcher(page).results().count(), transcripts.size());
        assertTrue(transcripts.size() >= 45, "transcripts: " + transcripts.size());
    }

    @Test
    void every_error_code_is_in_the_table_and_in_a_transcript() {
        Set<String> codes =
                Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName).collect(sorted());
        assertEquals(codes, rows("Errors").keySet());
        assertEquals(codes, shown("\"type\":\"error\",\"code\":\"([a-z_]+)\""));
    }

    @Test
    void every_close_code_is_in_the_table_with_its_advice_and_in_a_transcript() {
        Map<String, String> advice = new TreeMap<>();
        for (CloseCode code : CloseCode.values()) {
            String comeBack = switch (code.advice()) {
                case RECONNECT -> "come back";
                case BACK_OFF -> "come back later";
                case NEW_TOKEN -> "with a new token";
                case STAY_AWAY -> "stay away";
            };
            advice.put(
                    Integer.toString(code.code()),
                    comeBack + ", " + (code.leavesAtOnce() ? "leaves at once" : "is waited for"));
        }
        Map<String, String> told = new TreeMap<>();
        rows("Close codes").forEach((code, cells) -> told.put(code, cells.get(1) + ", " + cells.get(2)));
        assertEquals(advice, told);
        assertEquals(advice.keySet(), shown("(?m)^[a-z]+< close (\\d+)$"));
    }

    @Test
    void every_type_is_in_a_table_and_in_a_transcript() {
        Set<String> server = new TreeSet<>(ReservedTypes.SERVER);
        server.addAll(List.of("members", "chat"));
        assertEquals(server, rows("What the server sends").keySet());
        Set<String> client = new TreeSet<>(ReservedTypes.REQUESTS);
        client.add("chat");
        assertEquals(client, rows("What a client sends").keySet());
        Set<String> unseen = new TreeSet<>(server);
        unseen.removeAll(shown("(?m)^[a-z]+< \\{\"type\":\"([a-z_]+)\""));
        assertEquals(Set.of(), unseen);
        Set<String> unsaid = new TreeSet<>(ReservedTypes.REQUESTS);
        unsaid.removeAll(shown("(?m)^[a-z]+> \\{\"type\":\"([a-z_]+)\""));
        assertEquals(Set.of(), unsaid);
    }

    @Test
    void every_field_of_a_frame_is_in_the_row_of_its_type() {
        Map<String, List<String>> rows = rows("What the server sends");
        for (String json : shown("(?m)^[a-z]+< (\\{.*\\})$")) {
            Map<?, ?> frame = Content.ofJson(json).as(Map.class);
            String type = String.valueOf(frame.get("type"));
            String fields = rows.getOrDefault(type, rows.getOrDefault("chat", List.of()))
                    .get(0);
            for (Object field : frame.keySet()) {
                assertTrue(
                        field.equals("type") || fields.contains("`" + field + "`"),
                        () -> "no " + field + " of " + type);
            }
        }
    }

    @Test
    void the_limits_are_those_of_the_code() {
        Map<String, String> real = new TreeMap<>();
        Map<String, String> told = new TreeMap<>();
        rows("Limits").forEach((name, cells) -> {
            told.put(name, cells.get(0));
            real.put(name, value(Limit.valueOf(name)));
        });
        assertEquals(real, told);
        assertTrue(told.size() > 20);
    }

    private static String value(Limit limit) {
        if (limit == Limit.MEMORY_BYTES) {
            return "a third of the server's heap";
        }
        long value = limit.defaultValue();
        return switch (limit.unit()) {
            case COUNT -> Long.toString(value);
            case MILLIS -> value / 1000 + " s";
            case BYTES -> value < 1 << 20 ? (value >> 10) + " KiB" : (value >> 20) + " MiB";
        };
    }

    /** The rows of the table under a heading: what stands in the first cell, first, and the other cells. */
    private static Map<String, List<String>> rows(String heading) {
        String part = Pattern.compile("(?ms)^#+ " + heading + "$(.*?)(^#+ |\\z)")
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .findFirst()
                .orElseThrow();
        Map<String, List<String>> rows = new TreeMap<>();
        Pattern.compile("(?m)^\\| `?([A-Za-z0-9_]+)`?[^|]* \\| (.+) \\|$")
                .matcher(part)
                .results()
                .filter(row -> !part.startsWith("|---", row.end() + 1))
                .forEach(row -> rows.put(row.group(1), List.of(row.group(2).split(" \\| ", -1))));
        rows.remove("field");
        if (heading.equals("What a client sends")) {
            rows.keySet().retainAll(typesOf(part));
        }
        return rows;
    }

    /** Of the two tables there the first. */
    private static Set<String> typesOf(String part) {
        String first = part.substring(0, part.indexOf("| field |"));
        return Pattern.compile("(?m)^\\| `([a-z]+)`")
                .matcher(first)
                .results()
                .map(row -> row.group(1))
                .collect(sorted());
    }

    /** What a pattern finds in the transcripts. */
    private static Set<String> shown(String pattern) {
        Pattern wanted = Pattern.compile(pattern);
        return transcripts.stream()
                .flatMap(transcript ->
                        wanted.matcher(String.join("\n", transcript.lines())).results())
                .map(found -> found.group(1))
                .collect(sorted());
    }

    private static Collector<String, ?, Set<String>> sorted() {
        return Collectors.toCollection(TreeSet::new);
    }
}
