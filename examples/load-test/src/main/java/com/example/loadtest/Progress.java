package com.example.loadtest;

import java.io.PrintStream;

/** What is going on, on one line of a terminal that is written again and again; elsewhere a line now and then. */
final class Progress {

    private static final long TERMINAL_NANOS = 100_000_000;
    private static final long ELSEWHERE_NANOS = 5_000_000_000L;

    private final PrintStream out;
    private final boolean terminal;
    private String about = "";
    private long saidAt = System.nanoTime() - ELSEWHERE_NANOS;
    private int width;

    Progress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Begins each line with this from now on. */
    void about(String what) {
        about = what;
    }

    void say(String line) {
        long now = System.nanoTime();
        if (now - saidAt < (terminal ? TERMINAL_NANOS : ELSEWHERE_NANOS)) {
            return;
        }
        saidAt = now;
        String text = about.isEmpty() ? line : about + ": " + line;
        if (terminal) {
            out.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
            width = text.length();
        } else {
            out.println(text);
        }
        out.flush();
    }

    /** Takes the line away, so that what is printed next begins on an empty one. */
    void clear() {
        if (terminal && width > 0) {
            out.print("\r" + " ".repeat(width) + "\r");
            width = 0;
        }
        out.flush();
    }
}
