package dev.roomcast;

import dev.roomcast.transport.TextFrame;
import dev.roomcast.transport.Transport;
import java.util.List;

/** Takes everything, sends nothing. */
class NullTransport implements Transport {

    @Override
    public void write(List<TextFrame> frames, Completion completion) {
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
