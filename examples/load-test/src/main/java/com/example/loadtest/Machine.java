package com.example.loadtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the numbers were measured on. */
final class Machine {

    private Machine() {}

    static String text() {
        return "%d × %s, %s %s, Java %s (%s)"
                .formatted(
                        processors(),
                        cpu(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version").replaceAll("-.*", ""),
                        System.getProperty("java.version"),
                        System.getProperty("java.vm.name"));
    }

    /** All of the machine's, also when this process is pinned to one. */
    private static long processors() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("processor"))
                    .count();
        } catch (IOException elsewhere) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    private static String cpu() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 2))
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException elsewhere) {
            return System.getProperty("os.arch");
        }
    }

    static String nodeVersion() throws InterruptedException {
        try {
            Process node = new ProcessBuilder("node", "--version").start();
            String version = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            node.waitFor();
            return version.strip();
        } catch (IOException none) {
            return "unknown";
        }
    }
}
