package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.testkit.RedisServer;
import dev.roomcast.testkit.SharedBridgeContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The Redis bridge keeps the contract, on a real Redis. */
class RedisBridgeTest extends SharedBridgeContract {

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() {
        RedisServer.assumeAvailable();
        redis = RedisServer.start();
    }

    @AfterAll
    static void stopRedis() {
        if (redis != null) {
            redis.close();
        }
    }

    @Override
    protected Bridge create() {
        return RedisBridge.builder(redis.uri())
                .clock(() -> Long.toString(time.millis()))
                .build();
    }
}
