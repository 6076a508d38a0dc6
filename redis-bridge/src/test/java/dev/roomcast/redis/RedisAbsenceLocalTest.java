package dev.roomcast.redis;

/** The same of a bridge that lets members here talk meanwhile. */
class RedisAbsenceLocalTest extends RedisAbsenceTest {

    @Override
    RedisBridgeBuilder builder(String uri) {
        return super.builder(uri).whileAway(WhileAway.LOCAL);
    }
}
