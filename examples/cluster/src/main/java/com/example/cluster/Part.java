package com.example.cluster;

/** Something that can be killed, and started again. Safe for use by any thread; the methods block until it is done. */
interface Part extends AutoCloseable {

    String name();

    boolean isRunning();

    void start();

    void kill();

    @Override
    default void close() {
        kill();
    }
}
