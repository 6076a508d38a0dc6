package dev.roomcast.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is tried again. */
class PublisherTest {

    private static final String OLD_SCRIPT =
            "ERR Error running script (call to f_0f3e): @user_script:197: @user_script: 197: ";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true  | OOM command not allowed when used memory > 'maxmemory'.
            true  | OOM command not allowed when used memory > 'maxmemory'. script: f_0f3e, on @user_script:197.
            true  | READONLY You can't write against a read only replica.
            true  | LOADING Redis is loading the dataset in memory
            false | NOPERM User app has no permissions to run the 'xadd' command
            false | ERR wrong number of arguments for 'evalsha' command
            false | ERR user_script:12: attempt to index a nil value script: f_0f3e, on @user_script:12.
            """)
    void what_redis_says_about_itself_is_tried_again_and_what_it_says_about_the_call_is_not(
            boolean again, String said) {
        assertEquals(again, Publisher.mayRetry(new RedisCommandExecutionException(said)));
    }

    /** Redis 6.2 begins all that a script was refused with the same words. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true  | -OOM command not allowed when used memory > 'maxmemory'.
            true  | -READONLY You can't write against a read only replica.
            true  | -MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.
            false | -NOPERM The user executing the script can't run this command or subcommand
            false | Wrong number of args calling Redis command From Lua script
            """)
    void so_is_what_an_older_redis_says_from_inside_a_script(boolean again, String said) {
        assertEquals(again, Publisher.mayRetry(new RedisCommandExecutionException(OLD_SCRIPT + said)));
        assertEquals(again, Publisher.mayRetry(new RedisCommandExecutionException("@user_script: 197: " + said)));
    }

    @Test
    void so_is_what_never_reached_redis() {
        assertEquals(true, Publisher.mayRetry(new RedisException("the connection was cut")));
    }
}
