package dev.roomcast.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/**
 * The peer: PUBLISH and a listener, with nothing around them. With flush consolidation as the bridge has it: without, it is
 * three times as slow.
 */
final class BareLettuce implements AutoCloseable {

    private final ClientResources resources;
    private final RedisClient client;
    private final StatefulRedisConnection<byte[], byte[]> commands;
    private final StatefulRedisPubSubConnection<byte[], byte[]> listening;

    BareLettuce(String uri, BiConsumer<byte[], byte[]> listener) {
        resources = ClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .nettyCustomizer(new NettyCustomizer() {
                    @Override
                    public void afterChannelInitialized(Channel channel) {
                        channel.pipeline().addFirst(new FlushConsolidationHandler(256, true));
                    }
                })
                .build();
        client = RedisClient.create(resources, RedisURI.create(uri));
        commands = client.connect(ByteArrayCodec.INSTANCE);
        listening = client.connectPubSub(ByteArrayCodec.INSTANCE);
        listening.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] channel, byte[] message) {
                listener.accept(channel, message);
            }
        });
    }

    static byte[] channel(int room) {
        return ("bare:{" + Arrivals.room(room) + "}:c").getBytes(StandardCharsets.US_ASCII);
    }

    /** The room of a channel. */
    static int index(byte[] channel) {
        int index = 0;
        for (int i = "bare:{room-".length(); channel[i] != '}'; i++) {
            index = index * 10 + channel[i] - '0';
        }
        return index;
    }

    void enter(int rooms) {
        byte[][] channels = new byte[rooms][];
        for (int i = 0; i < rooms; i++) {
            channels[i] = channel(i);
        }
        listening.sync().subscribe(channels);
    }

    void publish(byte[] channel, byte[] message) {
        var unused = commands.async().publish(channel, message);
    }

    @Override
    public void close() {
        client.shutdown();
        resources.shutdown();
    }
}
