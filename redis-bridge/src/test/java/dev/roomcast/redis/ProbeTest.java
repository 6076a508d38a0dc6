package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ProbeTest {

    private static final Pattern WORD = Pattern.compile("'([A-Z]{2,})'");

    /** Words of commands, and codes of errors. */
    private static final Set<String> NO_COMMANDS =
            Set.of("COUNT", "LIMIT", "MINID", "MAXLEN", "NUMSUB", "PX", "NX", "XX", "GT", "WITHSCORES", "WRONGTYPE");

    /** What the bridge calls without a script, where its scripts do not call it too. */
    private static final List<String> WITHOUT_SCRIPT =
            List.of("HMGET", "HLEN", "EXISTS", "PUBLISH", "PUBSUB", "SADD", "SREM");

    /** A right that was not asked for was missed only when somebody joined, in vain. */
    @Test
    void every_command_that_a_script_calls_is_tried() throws Exception {
        Set<String> called = new TreeSet<>(WITHOUT_SCRIPT);
        for (String script : List.of("order", "publish", "read", "roster", "lease", "directory")) {
            called.addAll(commands(script));
        }
        called.removeAll(commands("probe"));
        assertEquals(Set.of(), called);
    }

    private static Set<String> commands(String script) throws IOException {
        try (InputStream in = ProbeTest.class.getResourceAsStream("/dev/roomcast/redis/" + script + ".lua")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("(?m)--.*$", "");
            return WORD.matcher(text)
                    .results()
                    .map(word -> word.group(1))
                    .filter(word -> !NO_COMMANDS.contains(word))
                    .collect(Collectors.toSet());
        }
    }
}
