package com.example.loadtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Keeps servers on one core and the generator on another (Linux, {@code taskset}), so that neither takes the other's time.
 *
 * @param server the core of whatever server is measured
 * @param generator the core of this process
 */
record Cores(int server, int generator) {

    /** Moves this process to its core; empty where that cannot be done. */
    static Optional<Cores> split() throws InterruptedException {
        List<Integer> allowed = allowed();
        if (allowed.size() < 2) {
            return Optional.empty();
        }
        Cores cores = new Cores(allowed.get(0), allowed.get(1));
        try {
            Process taskset = new ProcessBuilder(
                            "taskset",
                            "-acp",
                            Integer.toString(cores.generator),
                            Long.toString(ProcessHandle.current().pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return taskset.waitFor(10, TimeUnit.SECONDS) && taskset.exitValue() == 0
                    ? Optional.of(cores)
                    : Optional.empty();
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    /** The command that runs another one on the server's core. */
    List<String> onServer(List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(server)));
        pinned.addAll(command);
        return pinned;
    }

    /** As the kernel writes them: {@code 0-1,4}. */
    private static List<Integer> allowed() {
        List<Integer> cores = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("Cpus_allowed_list:")) {
                    for (String range :
                            line.substring(line.indexOf(':') + 1).trim().split(",")) {
                        String[] ends = range.split("-");
                        for (int i = Integer.parseInt(ends[0]); i <= Integer.parseInt(ends[ends.length - 1]); i++) {
                            cores.add(i);
                        }
                    }
                }
            }
        } catch (IOException elsewhere) {
            // Not Linux: no cores to choose from.
        }
        return cores;
    }
}
