package dev.roomcast.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The word by which Redis says why it did not carry out a command: {@code OOM}, {@code READONLY}, {@code ERR}. */
final class Refusal {

    /** Until 7.0 Redis hides what a command was refused for in the text of an error of the script. */
    private static final Pattern IN_SCRIPT =
            Pattern.compile("(?:ERR Error running script|@user_script).*? -([A-Z]+) .*", Pattern.DOTALL);

    private Refusal() {}

    /**
     * The instead if Redis refused a command; otherwise throws what failed it.
     *
     * @param failure as a stage hands it on
     * @param instead what to go on with
     */
    static <T> T instead(Throwable failure, T instead) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (code(cause) == null) {
            throw new CompletionException(cause);
        }
        return instead;
    }

    /** Null if it was not Redis that failed the command, but the way there. */
    @Nullable
    static String code(Throwable failure) {
        if (!(failure instanceof RedisCommandExecutionException)) {
            return null;
        }
        String said = String.valueOf(failure.getMessage());
        Matcher inScript = IN_SCRIPT.matcher(said);
        if (inScript.matches()) {
            return inScript.group(1);
        }
        int end = said.indexOf(' ');
        return end < 0 ? said : said.substring(0, end);
    }
}
