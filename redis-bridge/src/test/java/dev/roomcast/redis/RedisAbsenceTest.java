package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.testkit.AbsenceContract;
import dev.roomcast.testkit.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The Redis bridge keeps the contract of one whose backend can be away. */
class RedisAbsenceTest extends AbsenceContract {

    private static RedisServer redis;
    private Proxy way;

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

    @AfterEach
    void closeWay() {
        way.close();
    }

    @Override
    protected Bridge create() {
        way = new Proxy(redis.port());
        return builder(way.uri()).build();
    }

    RedisBridgeBuilder builder(String uri) {
        return RedisBridge.builder(uri).timing(Instances.QUICK);
    }

    @Override
    protected void loseBackend() {
        way.leadTo(1);
        way.cut();
    }

    @Override
    protected void findBackend() {
        way.leadTo(redis.port());
    }
}
