package dev.roomcast.redis;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Hears everything that is published under a prefix, and counts it. */
final class ChannelSpy extends RedisPubSubAdapter<String, String> implements AutoCloseable {

    private final RedisClient client;
    private final StatefulRedisPubSubConnection<String, String> connection;
    private final String prefix;
    private final List<String> channels = new CopyOnWriteArrayList<>();
    private int marks;

    ChannelSpy(String uri, String prefix) {
        this.prefix = prefix;
        client = RedisClient.create(uri);
        connection = client.connectPubSub();
        connection.addListener(this);
        connection.sync().psubscribe(prefix + ":*");
    }

    @Override
    public void message(String pattern, String channel, String message) {
        // What a bridge tries when it connects is said to nobody.
        if (!channel.endsWith(":i:probe")) {
            channels.add(channel.substring(prefix.length()));
        }
    }

    /** What was published before has been heard. */
    void settle() {
        String mark = ":mark-" + marks++;
        try (var publisher = client.connect()) {
            publisher.sync().publish(prefix + mark, "");
        }
        await().until(() -> channels.contains(mark));
    }

    /** How much was published on channels that begin so. */
    long count(String beginning) {
        return channels.stream()
                .filter(channel -> channel.startsWith(beginning))
                .count();
    }

    /** The same by channel, in ascending order. */
    List<Long> countsByChannel(String beginning) {
        Map<String, Long> counts = channels.stream()
                .filter(channel -> channel.startsWith(beginning))
                .collect(Collectors.groupingBy(channel -> channel, TreeMap::new, Collectors.counting()));
        return counts.values().stream().sorted().toList();
    }

    @Override
    public void close() {
        connection.close();
        client.shutdown();
    }
}
