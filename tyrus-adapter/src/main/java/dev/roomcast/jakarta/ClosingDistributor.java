package dev.roomcast.jakarta;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import org.glassfish.grizzly.CompletionHandler;
import org.glassfish.grizzly.EmptyCompletionHandler;
import org.glassfish.grizzly.nio.AbstractNIOConnectionDistributor;
import org.glassfish.grizzly.nio.NIOChannelDistributor;
import org.glassfish.grizzly.nio.NIOTransport;
import org.glassfish.grizzly.nio.RegisterChannelResult;
import org.glassfish.grizzly.nio.RoundRobinConnectionDistributor;

/**
 * Gives each accepted socket to one of the selectors, in turn, and closes those that none takes.
 *
 * <p>A server that is closed may just have accepted a socket whose selector has ended already. Grizzly forgets such a socket
 * and leaves it open for as long as the process lives: its client is connected, is never answered, and does not come back
 * before a deadline of its own.
 */
final class ClosingDistributor extends AbstractNIOConnectionDistributor {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    private final NIOChannelDistributor turns;

    ClosingDistributor(NIOTransport transport) {
        super(transport);
        turns = new RoundRobinConnectionDistributor(transport);
    }

    @Override
    public void registerChannel(SelectableChannel channel, int interest, Object attachment) throws IOException {
        turns.registerChannel(channel, interest, attachment);
    }

    @Override
    public void registerServiceChannelAsync(
            SelectableChannel channel,
            int interest,
            Object attachment,
            CompletionHandler<RegisterChannelResult> completion) {
        turns.registerServiceChannelAsync(channel, interest, attachment, completion);
    }

    @Override
    public void registerChannelAsync(
            SelectableChannel channel,
            int interest,
            Object attachment,
            CompletionHandler<RegisterChannelResult> completion) {
        CompletionHandler<RegisterChannelResult> closing = new EmptyCompletionHandler<>() {
            @Override
            public void completed(RegisterChannelResult result) {
                completion.completed(result);
            }

            @Override
            public void failed(Throwable cause) {
                close(channel);
                completion.failed(cause);
            }

            @Override
            public void cancelled() {
                close(channel);
                completion.cancelled();
            }
        };
        try {
            turns.registerChannelAsync(channel, interest, attachment, closing);
        } catch (RuntimeException noSelectors) {
            // There are none any more.
            closing.failed(noSelectors);
        }
    }

    private static void close(SelectableChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "A socket that came too late could not be closed", e);
        }
    }
}
