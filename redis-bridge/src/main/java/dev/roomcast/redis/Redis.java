package dev.roomcast.redis;

import dev.roomcast.time.Time;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The client of Lettuce, with the options that the bridge stands on, and its two links: one for commands, one that listens.
 * When it is derived from a client of the host it uses that one's threads and options, and leaves them alone.
 */
final class Redis implements AutoCloseable {

    private static final int FLUSH_AFTER = 256;
    private static final int THREADS = 2;

    private final RedisAddress uri;
    private final ClientResources resources;
    private final RedisClient client;
    private final Duration patience;
    private final boolean isOwn;

    Redis(RedisAddress address, @Nullable RedisClient host, Duration patience) {
        this.patience = patience;
        this.isOwn = host == null;
        // Bounds the handshake too: with Lettuce's minute, a Redis that was stopped for seconds never came back.
        uri = address.within(patience);
        ClientResources.Builder builder = host == null
                ? ClientResources.builder().ioThreadPoolSize(THREADS).computationThreadPoolSize(THREADS)
                : host.getResources().mutate();
        resources = builder.nettyCustomizer(new Consolidating(host == null ? null : host.getResources()))
                .build();
        client = RedisClient.create(resources, uri);
        ClientOptions.Builder options =
                host == null ? ClientOptions.builder() : host.getOptions().mutate();
        client.setOptions(options.autoReconnect(false)
                // The links see to it that none waits for ever. A timer for each command costs as much again as the
                // command,
                // and many at once on a busy machine would each time out, to be made again.
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build())
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions((host == null
                                ? SocketOptions.builder()
                                : host.getOptions().getSocketOptions().mutate())
                        .connectTimeout(patience)
                        .build())
                .build());
    }

    /** Where Redis is, without user and password. */
    String address() {
        return uri.toString();
    }

    Link<StatefulRedisConnection<byte[], byte[]>> commands(
            Link.Owner<StatefulRedisConnection<byte[], byte[]>> owner, Time time) {
        return new Link<>(() -> client.connectAsync(ByteArrayCodec.INSTANCE, uri), owner, time, patience);
    }

    Link<StatefulRedisPubSubConnection<byte[], byte[]>> listening(
            Link.Owner<StatefulRedisPubSubConnection<byte[], byte[]>> owner, Time time) {
        return new Link<>(() -> client.connectPubSubAsync(ByteArrayCodec.INSTANCE, uri), owner, time, patience);
    }

    /** Asks which Redis this is: another one after each restart. */
    static CompletionStage<String> runId(RedisAsyncCommands<byte[], byte[]> commands) {
        return commands.info("server").thenApply(Probe::runId);
    }

    static CompletionStage<String> ping(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
        return connection.async().ping();
    }

    @Override
    public void close() {
        client.shutdownAsync(0, patience.toMillis(), TimeUnit.MILLISECONDS).join();
        if (isOwn) {
            // Those of a host share its threads, and would end them.
            resources.shutdown(0, patience.toMillis(), TimeUnit.MILLISECONDS).awaitUninterruptibly(patience.toMillis());
        }
    }

    /** Many commands, one write: measured 2.75 times as many messages per second. */
    private static final class Consolidating implements NettyCustomizer {

        private final @Nullable NettyCustomizer hosts;

        Consolidating(@Nullable ClientResources host) {
            hosts = host == null ? null : host.nettyCustomizer();
        }

        @Override
        public void afterBootstrapInitialized(io.netty.bootstrap.Bootstrap bootstrap) {
            if (hosts != null) {
                hosts.afterBootstrapInitialized(bootstrap);
            }
        }

        @Override
        public void afterChannelInitialized(Channel channel) {
            if (hosts != null) {
                hosts.afterChannelInitialized(channel);
            }
            ChannelHandler handler = new FlushConsolidationHandler(FLUSH_AFTER, true);
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls == null) {
                channel.pipeline().addFirst(handler);
            } else {
                channel.pipeline().addAfter(channel.pipeline().context(tls).name(), "roomcast-flush", handler);
            }
        }
    }
}
