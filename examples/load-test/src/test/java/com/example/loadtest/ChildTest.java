package com.example.loadtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Looks at processes as Linux shows them. */
@EnabledOnOs(OS.LINUX)
class ChildTest {

    @TempDir
    Path directory;

    private File log;

    @BeforeEach
    void name() {
        log = directory.resolve("child.log").toFile();
    }

    @ParameterizedTest
    @EnumSource(names = {"ROOMCAST", "TYRUS_ASYNC", "NIO"})
    void aServerOfAComparisonServesAndEndsWhenItIsClosed(Contender contender) throws Exception {
        ProcessHandle process;
        try (Child child = Child.start(contender.prepare(), log)) {
            process = ProcessHandle.of(child.pid()).orElseThrow();
            Plan plan = new Plan(
                    child.url(),
                    4,
                    1,
                    1,
                    0,
                    1,
                    150,
                    false,
                    Duration.ZERO,
                    Duration.ofMillis(200),
                    1,
                    OptionalLong.of(child.pid()),
                    false);
            Progress quiet = new Progress(new PrintStream(OutputStream.nullOutputStream()), false);
            Result result = LoadRun.run(plan, quiet);
            assertFalse(result.failed(), result::text);
            assertTrue(result.cpuMicros().isPresent());
        }
        assertFalse(process.isAlive());
    }

    @Test
    void whatSaysNoPortIsNoServer() {
        String java = ProcessHandle.current().info().command().orElseThrow();
        IOException failed = assertThrows(
                IOException.class, () -> Child.start(List.of(java, "-XshowSettings:none", "--version"), log));
        assertTrue(failed.getMessage().contains("no port"), failed::getMessage);
        assertThrows(IOException.class, () -> Child.start(List.of("no-such-program-anywhere"), log));
    }

    @Test
    void theCpuOfAProcessThatEndedIsUnknown() throws Exception {
        long pid;
        try (Child child = Child.start(Contender.NIO.prepare(), log)) {
            pid = child.pid();
            assertTrue(new ServerProcess(pid).cpuMicros().isPresent());
            assertTrue(new ServerProcess(pid).rssKib().getAsLong() > 1000);
        }
        assertEquals(OptionalLong.empty(), new ServerProcess(pid).cpuMicros());
        assertEquals(OptionalLong.empty(), new ServerProcess(pid).rssKib());
    }
}
