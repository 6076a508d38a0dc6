package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {

    private final Plan plan = new Plan(
            URI.create("ws://127.0.0.1/rooms"),
            1000,
            1,
            1,
            0,
            1,
            150,
            false,
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            1,
            OptionalLong.empty(),
            false);

    @Test
    void aRatioIsTheMedianOfTheRoundsRatios() {
        List<Round> rounds = List.of(round(300, 100, 2, 4), round(100, 100, 4, 4), round(900, 100, 1, 4));
        Table.Row row = ratio(table(rounds), "1 in flight, plain: roomcast against ws-loop");
        assertEquals(List.of("3.00", "1.00 to 9.00", "2.00"), row.cells().subList(1, 4));
    }

    @Test
    void aRoundThatLacksOneOfThemIsLeftOut() {
        Round broken = new Round();
        broken.put(Load.ONE, Contender.ROOMCAST, result(5000, 1));
        Table table = table(List.of(broken, round(200, 100, 1, 1)));
        assertEquals(
                "2.00",
                ratio(table, "1 in flight, plain: roomcast against ws-loop")
                        .cells()
                        .get(1));
        assertEquals(
                "-",
                ratio(table, "p99 at half of roomcast's top rate: roomcast against nio")
                        .cells()
                        .get(1));
    }

    @Test
    void theHalfRateIsThatOfRoomcastsOwnTop() {
        Round round = new Round();
        assertTrue(Load.HALF.plan(plan, round).isEmpty());
        round.put(Load.MANY, Contender.ROOMCAST, result(500_000, 1));
        // 500,000 deliveries a second to 1,000 members are 500 messages.
        assertEquals(250, Load.HALF.plan(plan, round).orElseThrow().rate());
    }

    @Test
    void thePageHasBothTables(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("compare.html");
        ComparisonPage.write(file, table(List.of(round(300, 100, 1, 1))));
        String page = Files.readString(file);
        assertTrue(page.contains("roomcast against ws-loop") && page.contains("<td>300</td>"), page);
        assertTrue(page.contains("the machine &amp; more"), page);
    }

    private Table table(List<Round> rounds) {
        return new Table(plan, rounds, List.of(Contender.values()), "the machine & more");
    }

    private static Table.Row ratio(Table table, String title) {
        return table.ratios().stream()
                .filter(row -> row.cells().get(0).equals(title))
                .findFirst()
                .orElseThrow();
    }

    private Round round(double roomcast, double wsLoop, double roomcastCpu, double wsLoopCpu) {
        Round round = new Round();
        round.put(Load.ONE, Contender.ROOMCAST, result(roomcast, roomcastCpu));
        round.put(Load.ONE, Contender.WS_LOOP, result(wsLoop, wsLoopCpu));
        return round;
    }

    private Result result(double perSecond, double cpu) {
        Histogram latency = Loop.newHistogram();
        latency.recordValue(1_000_000);
        return new Result(
                plan,
                1,
                (long) perSecond,
                1,
                latency,
                OptionalDouble.of(cpu),
                OptionalDouble.empty(),
                false,
                0,
                List.of());
    }
}
