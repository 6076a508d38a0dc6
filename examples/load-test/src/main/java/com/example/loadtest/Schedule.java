package com.example.loadtest;

/** Something that happens at set times, whatever became of the last time. Runs on the thread of its loop. */
interface Schedule {

    /** When it is next to run, in nanoseconds since the run began. */
    long due();

    /** Does what is due by now, and not for long: what is still due then is done in a moment. */
    void run(long now);
}
