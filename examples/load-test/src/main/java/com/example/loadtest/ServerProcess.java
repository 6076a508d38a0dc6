package com.example.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What Linux tells about a process of this machine: proc(5), {@code stat} and {@code status}. */
final class ServerProcess {

    /** {@code stat} counts in hundredths of a second on every Linux that a JVM runs on. */
    private static final long MICROS_PER_TICK = 10_000;

    private static final int UTIME = 11;

    private final Path directory;

    ServerProcess(long pid) {
        this.directory = Path.of("/proc", Long.toString(pid));
    }

    boolean exists() {
        return Files.isReadable(directory.resolve("stat"));
    }

    /** CPU time that all its threads have used, in user and kernel mode together. Empty when it has ended. */
    OptionalLong cpuMicros() {
        try {
            String stat = Files.readString(directory.resolve("stat"));
            // The name, in parentheses, may hold anything; behind it stands the state, which is field 3 of proc(5).
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            long ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1]);
            return OptionalLong.of(ticks * MICROS_PER_TICK);
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Memory that it holds, in KiB. Empty when it has ended. */
    OptionalLong rssKib() {
        try {
            for (String line : Files.readAllLines(directory.resolve("status"))) {
                if (line.startsWith("VmRSS:")) {
                    return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")));
                }
            }
        } catch (IOException e) {
            // As below: it has ended.
        }
        return OptionalLong.empty();
    }
}
