package dev.roomcast;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.Transport;

/** Takes everything, sends nothing. */
class NullTransport implements Transport {

    @Override
    public void write(FrameBatch frames, Completion completion) {
        completion.done(null);
    }

    @Override
    public void ping(Completion completion) {
        completion.done(null);
    }

    @Override
    public void close(int code, String reason) {}

    @Override
    public void abort() {}
}
