package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiagnosisTest {

    @Test
    void what_redis_said_is_one_bounded_line() {
        Diagnosis why = Diagnosis.of(refusal("ERR a\r\nFAKE \u001b[31m\u202e\u2028" + "x".repeat(10_000)));
        assertTrue(why.words().startsWith("ERR a\\u000d\\u000aFAKE \\u001b[31m\\u202e\\u2028xx"), why.words());
        assertEquals(Diagnosis.MOST_CHARACTERS, why.words().length());
        assertTrue(why.words().endsWith("…"));
    }

    @Test
    void what_no_waiting_mends_is_told_from_what_may_pass() {
        for (String said : List.of(
                "NOPERM this user has no permissions to access one of the keys used as arguments",
                "WRONGPASS invalid username-password pair or user is disabled.",
                "NOAUTH Authentication required.",
                "ERR DB index is out of range",
                "ERR unknown command 'EVALSHA', with args beginning with: ",
                "ERR The user executing the script can't run this command or subcommand script: x, on @user_script:1.",
                "ERR ACL failure in script: User app has no permissions to run the 'zadd' command script: x",
                "MOVED 1 127.0.0.1:7001")) {
            assertTrue(Diagnosis.of(new RuntimeException(refusal(said))).isLasting(), said);
        }
        for (String said : List.of(
                "LOADING Redis is loading the dataset in memory",
                "READONLY You can't write against a read only replica.",
                "OOM command not allowed when used memory > 'maxmemory'.",
                "ERR max number of clients reached",
                "MISCONF Redis is configured to save RDB snapshots")) {
            assertFalse(Diagnosis.of(refusal(said)).isLasting(), said);
        }
    }

    @Test
    void what_failed_on_the_way_is_named_by_its_innermost_cause() {
        Throwable failure =
                new RedisConnectionException("Unable to connect to s3cret", new ConnectException("Connection refused"));
        assertEquals(new Diagnosis("Connection refused", false, false), Diagnosis.of(failure));
        assertEquals("ConnectException", Diagnosis.of(new ConnectException()).words());
    }

    @Test
    void a_reason_is_said_once_and_others_within_bounds() {
        FailureLog log = new FailureLog();
        assertTrue(log.isNew("Connection refused: /127.0.0.1:6379"));
        assertFalse(log.isNew("Connection refused: /127.0.0.1:6379"));
        assertTrue(log.isNew("LOADING"));
        assertFalse(log.isNew("Connection refused: /127.0.0.1:6380"));
        int said = 0;
        for (int i = 0; i < 100; i++) {
            said += log.isNew("x".repeat(i)) ? 1 : 0;
        }
        assertEquals(FailureLog.MOST_REASONS - 2, said);
        log.clear();
        assertTrue(log.isNew("LOADING"));
    }

    private static RedisCommandExecutionException refusal(String said) {
        return new RedisCommandExecutionException(said);
    }
}
