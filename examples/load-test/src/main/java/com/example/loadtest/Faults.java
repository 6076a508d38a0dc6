package com.example.loadtest;

import java.util.ArrayList;
import java.util.List;

/** What went wrong in a run: all are counted, the first few are kept to be shown. Safe for use by several threads. */
final class Faults {

    private static final int KEPT = 10;

    private final List<String> first = new ArrayList<>();
    private long count;

    synchronized void add(String fault) {
        count++;
        if (first.size() < KEPT) {
            first.add(fault);
        }
    }

    synchronized long count() {
        return count;
    }

    synchronized List<String> first() {
        return List.copyOf(first);
    }
}
