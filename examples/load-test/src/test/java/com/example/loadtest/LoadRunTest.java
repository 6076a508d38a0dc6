package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.loadtest.peers.NioPeer;
import com.example.loadtest.peers.RoomcastServer;
import com.example.loadtest.peers.TyrusPeer;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Short runs over real sockets, with servers in this process. */
class LoadRunTest {

    private final Progress quiet = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void roomcastDeliversEverythingInOrder(boolean v1) throws Exception {
        try (RoomcastServer server = RoomcastServer.start()) {
            assertSound(LoadRun.run(plan(server.port()).v1(v1).inFlight(8), quiet));
        }
    }

    @Test
    void severalMessagesOfOneFrameAreToldApartWhereThatWasAgreed() throws Exception {
        try (LinesServer server = new LinesServer(4)) {
            Result result =
                    LoadRun.run(plan(server.port()).rooms(1, 10).v1(true).inFlight(4), quiet);
            assertFalse(result.failed(), result::text);
            assertTrue(result.deliveries() > 100, result::text);
            assertTrue(result.agreedV1());
        }
    }

    @Test
    void whatNobodyEverGetsIsMissedAtTheEnd() throws Exception {
        try (LinesServer server = new LinesServer(4)) {
            // Of five in flight one always waits for three more.
            Result result =
                    LoadRun.run(plan(server.port()).rooms(1, 10).v1(true).inFlight(5), quiet);
            assertEquals(10, result.faults(), result::text);
            assertTrue(result.firstFaults().get(0).contains("gap at the end"), result::text);
        }
    }

    @Test
    void roomcastDeliversEverythingAtARate() throws Exception {
        try (RoomcastServer server = RoomcastServer.start()) {
            Result result = LoadRun.run(plan(server.port()).rate(200), quiet);
            assertSound(result);
            // 200 messages a second, each to the 10 members of its room, for half a second.
            assertTrue(result.deliveries() > 500 && result.deliveries() < 1500, () -> result.text());
        }
    }

    @Test
    void theNioPeerDeliversEverythingInOrder() throws Exception {
        try (NioPeer server = NioPeer.start()) {
            assertSound(LoadRun.run(plan(server.port()).inFlight(8), quiet));
        }
    }

    @Test
    void theTyrusPeerDeliversEverythingInOrder() throws Exception {
        try (TyrusPeer server = TyrusPeer.start()) {
            assertSound(LoadRun.run(plan(server.port()).inFlight(8), quiet));
        }
    }

    @ParameterizedTest
    @CsvSource({"LOSE, gap", "DOUBLE, duplicate", "SWAP, order", "CLOSE, closed the connection with 1000"})
    void aServerThatDoesOneThingWrongOnceFailsTheRun(FaultyServer.Fault fault, String found) throws Exception {
        StringWriter out = new StringWriter();
        try (FaultyServer server = new FaultyServer(fault)) {
            int code = LoadTest.commandLine()
                    .setOut(new PrintWriter(out, true))
                    .execute(
                            "--url=" + url(server.port()),
                            "--connections=10",
                            "--in-flight=4",
                            "--warmup=0s",
                            "--duration=500ms");
            assertEquals(1, code, out::toString);
        }
        assertTrue(out.toString().contains("FAILED"), out::toString);
        assertTrue(out.toString().contains("u3: ") && out.toString().contains(found), out::toString);
    }

    @Test
    void aGeneratorThatStaysAwakeChecksTheSame() throws Exception {
        try (NioPeer server = NioPeer.start()) {
            assertSound(LoadRun.run(plan(server.port()).staysAwake(), quiet));
        }
    }

    @Test
    void severalThreadsShareTheConnections() throws Exception {
        try (NioPeer server = NioPeer.start()) {
            Plan two = new Plan(
                    url(server.port()),
                    20,
                    2,
                    3,
                    0,
                    4,
                    150,
                    false,
                    Duration.ofMillis(100),
                    Duration.ofMillis(300),
                    2,
                    OptionalLong.empty(),
                    false);
            assertSound(LoadRun.run(two, quiet));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aCommandPrintsTheResultAndWritesThePage() throws Exception {
        Path page = directory.resolve("result.html");
        StringWriter out = new StringWriter();
        try (NioPeer server = NioPeer.start()) {
            CommandLine commandLine = LoadTest.commandLine().setOut(new PrintWriter(out, true));
            int code = commandLine.execute(
                    "--url=" + url(server.port()),
                    "--connections=20",
                    "--rooms=2",
                    "--warmup=0s",
                    "--duration=300ms",
                    "--pid=" + ProcessHandle.current().pid(),
                    "--html=" + page);
            assertEquals(0, code, out::toString);
        }
        assertTrue(out.toString().contains("every member got every message once and in order"), out::toString);
        assertTrue(out.toString().contains("p99.9"), out::toString);
        assertTrue(out.toString().contains("µs a delivery"), out::toString);
        String html = Files.readString(page);
        assertTrue(html.contains("<svg") && html.contains("class=\"curve\" points=\""), html);
        assertTrue(html.contains("prefers-color-scheme: dark"), html);
        assertFalse(html.contains("<script") || html.contains("http"), html);
    }

    @Test
    void aHeldCrowdComesAndGoesInOtherRooms() throws Exception {
        List<String> lines = new ArrayList<>();
        try (RoomcastServer server = RoomcastServer.start()) {
            Hold hold = new Hold(plan(server.port()).rate(20), Duration.ofSeconds(2), 200, lines::add);
            assertTrue(hold.run(), lines::toString);
        }
        assertTrue(lines.get(0).startsWith("20 connections are in"), lines::toString);
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("lost        0 of 20")), lines::toString);
    }

    private static void assertSound(Result result) {
        assertFalse(result.failed(), result::text);
        assertTrue(result.deliveries() > 100, result::text);
        assertTrue(result.bytesEach() > 140 && result.bytesEach() < 170, result::text);
        assertTrue(result.latency().getMaxValue() > 0, result::text);
    }

    private static Plan plan(int port) {
        return new Plan(
                url(port),
                20,
                2,
                1,
                0,
                1,
                150,
                false,
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                1,
                OptionalLong.empty(),
                false);
    }

    private static URI url(int port) {
        return URI.create("ws://127.0.0.1:" + port + "/rooms");
    }
}
