package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class LoadTestFlagsTest {

    private static final String URL = "--url=ws://127.0.0.1:9/rooms";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource({
        "--nope, --nope",
        "extra, extra",
        "--connections=many, --connections",
        "--connections=0, --connections",
        "--rooms=1001, --rooms",
        "--publishers=1001, --publishers",
        "--rate=100, --rate",
        "--rate=0/s, --rate",
        "--in-flight=0, --in-flight",
        "--bytes=0, --bytes",
        "--format=v2, --format",
        "--warmup=5, --warmup",
        "--duration=0s, --duration",
        "--threads=0, --threads",
        "--pid=999999999, --pid",
        "--rounds=0, --rounds",
        "--hold=0, --hold",
        "--churn=10/s, --hold",
        "--compare, --url",
    })
    void aWrongFlagOrValueIsOneLineAndCode2(String flag, String named) {
        assertEquals(2, run(URL, flag));
        assertOneLine(named);
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1/rooms",
        "wss://127.0.0.1/rooms",
        "rooms",
        "ws:rooms",
        "ws://no-such-host.invalid/rooms"
    })
    void anAddressThatIsNoneIsOneLineAndCode2(String url) {
        assertEquals(2, run("--url", url));
        assertOneLine("--url");
    }

    @ParameterizedTest
    @CsvSource({
        "--compare --rate=1/s",
        "--compare --in-flight=2",
        "--compare --rooms=2",
        "--compare --pid=1",
        "--compare --hold=1",
        "--compare --awake",
        "--hold=1 --html=x.html",
        "--hold=1 --duration=1s",
    })
    void flagsThatWouldHaveNoEffectAreRefused(String flags) {
        String[] args = flags.split(" ");
        assertEquals(2, args[0].equals("--compare") ? run(args) : run(URL, args[0], args[1]));
        assertOneLine("do not go together");
    }

    @Test
    void anOpenAndAClosedLoopDoNotGoTogether() {
        assertEquals(2, run(URL, "--rate=10/s", "--in-flight=2"));
        assertOneLine("--in-flight");
    }

    @Test
    void withoutAServerThereIsNothingToDo() {
        assertEquals(2, run());
        assertOneLine("--url is missing");
    }

    @Test
    void aServerThatIsNotThereIsOneLineAndCode1() {
        assertEquals(1, run(URL, "--connections=3"));
        assertOneLine("0 of 3 connections came in");
    }

    @Test
    void helpNamesTheFlags() {
        assertEquals(0, run("--help"));
        for (String flag :
                new String[] {"--url", "--in-flight", "--hold", "--churn", "--compare", "--html", "--awake"}) {
            assertTrue(out.toString().contains(flag), flag);
        }
    }

    private int run(String... args) {
        CommandLine commandLine = LoadTest.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }

    private void assertOneLine(String named) {
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().contains(named), err::toString);
        assertEquals("", out.toString());
    }
}
