package com.example.siege;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks one server in turns. {@code ROOMCAST_SIEGE_SECONDS} is how long all turns take together, 300 by default, and
 * {@code ROOMCAST_SIEGE_TURNS} names some of them, such as {@code IDS,MANY_ROOMS}. The server of a turn that has done harm is
 * replaced by a new one, so that each turn is judged alone. {@code target/siege.txt} tells what each turn was like.
 */
@Tag("siege")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SiegeTest {

    private static final long TOTAL_SECONDS =
            Long.parseLong(System.getenv().getOrDefault("ROOMCAST_SIEGE_SECONDS", "300"));
    private static final long SECONDS_AFTER_A_TURN = 5;
    private static final List<Turn> TURNS = turns(System.getenv().getOrDefault("ROOMCAST_SIEGE_TURNS", ""));
    private static final Path REPORT = Path.of("target", "siege.txt");

    private Siege siege;
    private int servers;

    private static List<Turn> turns(String names) {
        return names.isEmpty()
                ? List.of(Turn.values())
                : Arrays.stream(names.split(",")).map(Turn::valueOf).toList();
    }

    @BeforeAll
    static void forgetTheLastReport() throws IOException {
        Files.deleteIfExists(REPORT);
    }

    static List<Turn> chosen() {
        return TURNS;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chosen")
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void healthy_clients_notice_nothing_of(Turn turn) throws IOException, InterruptedException {
        if (siege == null) {
            siege = new Siege(Path.of("target", "siege-server-" + ++servers + ".log"));
        }
        long seconds = Math.max(5, TOTAL_SECONDS / TURNS.size() - SECONDS_AFTER_A_TURN);
        Siege.Outcome outcome = siege.stand(turn, seconds);
        List<String> faults = new ArrayList<>(outcome.faults());
        // Ids are remembered for five minutes. As long as many users hold as many as they may, each user is refused
        // beyond an
        // equal share, and told so; a client that sends again later would notice nothing, but these do not.
        if (!faults.isEmpty() || turn == Turn.IDS || turn == TURNS.get(TURNS.size() - 1)) {
            String fault = siege.end();
            if (fault != null) {
                faults.add(fault);
            }
            close();
        }
        report(outcome.summary(), faults);
        assertEquals(List.of(), faults, outcome::summary);
    }

    private static void report(String summary, List<String> faults) throws IOException {
        StringBuilder text = new StringBuilder(summary).append('\n');
        faults.forEach(fault -> text.append("    ").append(fault).append('\n'));
        Files.writeString(REPORT, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @AfterAll
    void close() {
        if (siege != null) {
            siege.close();
            siege = null;
        }
    }
}
