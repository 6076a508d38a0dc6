package dev.roomcast.jakarta;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import org.glassfish.grizzly.nio.ChannelConfigurator;
import org.glassfish.grizzly.nio.NIOTransport;
import org.glassfish.grizzly.nio.transport.TCPNIOTransport;

/**
 * What is set on each accepted socket.
 *
 * <p>Left to itself, Linux lets the send buffer of a socket grow to 4 MiB ({@code net.ipv4.tcp_wmem}) while its client does
 * not read. That is memory of no process, which no limit of a hub counts: a thousand such clients held 3.5 GB. A buffer of a
 * fixed size costs speed only where it is smaller than bandwidth times round trip: {@value #SEND_BUFFER_BYTES} bytes are 10
 * Mbit/s to each client at 100 ms.
 */
final class SocketOptions implements ChannelConfigurator {

    /** Linux doubles it, for what it keeps beside the bytes. */
    static final int SEND_BUFFER_BYTES = 128 * 1024;

    private final ChannelConfigurator defaults = TCPNIOTransport.DEFAULT_CHANNEL_CONFIGURATOR;

    @Override
    public void preConfigure(NIOTransport transport, SelectableChannel channel) throws IOException {
        defaults.preConfigure(transport, channel);
    }

    @Override
    public void postConfigure(NIOTransport transport, SelectableChannel channel) throws IOException {
        defaults.postConfigure(transport, channel);
        if (channel instanceof SocketChannel accepted) {
            accepted.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
        }
    }
}
