package dev.roomcast.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.protocol.RedisProtocolException;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Why Redis cannot be used, for the log and for who starts a hub.
 *
 * @param words what Redis said, or else what failed on the way there: one line of at most {@value #MOST_CHARACTERS}
 *     characters, control characters escaped
 * @param isLasting whether trying again cannot help: someone has to change a setting
 * @param isLogin whether user or password are wrong
 */
record Diagnosis(String words, boolean isLasting, boolean isLogin) {

    static final int MOST_CHARACTERS = 300;

    private static final int MOST_CAUSES = 20;

    private static final Set<String> LOGIN = Set.of("WRONGPASS", "NOAUTH");

    /** What Redis says when it will do the same later. */
    private static final Set<String> LATER = Set.of(
            "OOM",
            "LOADING",
            "BUSY",
            "MISCONF",
            "READONLY",
            "MASTERDOWN",
            "NOREPLICAS",
            "CLUSTERDOWN",
            "TRYAGAIN",
            "UNKILLABLE");

    private static final Set<String> NEVER = Set.of("NOPERM", "MOVED", "ASK", "CROSSSLOT", "NOPROTO", "DENIED");

    static Diagnosis of(Throwable failure) {
        Throwable root = failure;
        int causes = 0;
        for (Throwable cause = failure; cause != null && causes++ < MOST_CAUSES; cause = cause.getCause()) {
            root = cause;
            if (cause instanceof CannotServeException found) {
                return new Diagnosis(line(found), found.isLasting, false);
            } else if (cause instanceof RedisCommandExecutionException) {
                return refused(cause);
            } else if (cause instanceof RedisProtocolException) {
                return new Diagnosis("it does not speak Redis's protocol: " + line(cause), true, false);
            } else if (cause instanceof NotSslRecordException) {
                return new Diagnosis("it does not speak TLS", true, false);
            } else if (cause instanceof SSLException && isRejected(cause)) {
                return new Diagnosis("TLS: " + line(innermost(cause)), true, false);
            }
        }
        return new Diagnosis(line(root), false, false);
    }

    /** Whether Redis refuses a command now and would do it later. */
    static boolean isForLater(String code) {
        return LATER.contains(code);
    }

    /** Whether an error's text says that the same is refused until someone changes a setting. */
    static boolean isForEver(String said) {
        String code = said.substring(0, said.indexOf(' ') < 0 ? said.length() : said.indexOf(' '));
        String lower = said.toLowerCase(Locale.ROOT);
        return LOGIN.contains(code)
                || NEVER.contains(code)
                || lower.contains("noperm")
                // What an ACL refuses inside a script, until 7.0 and from 7.2 on.
                || lower.contains("user executing the script")
                || lower.contains("acl failure in script")
                || lower.contains("unknown command")
                || lower.contains("unknown redis command")
                || lower.contains("db index is out of range")
                || lower.contains("invalid db index")
                || lower.contains("select is not allowed in cluster mode");
    }

    private static Diagnosis refused(Throwable failure) {
        String said = String.valueOf(failure.getMessage());
        String code = Refusal.code(failure);
        return new Diagnosis(line(said), isForEver(said), code != null && LOGIN.contains(code));
    }

    /** A certificate that is not trusted, or an alert of the other side; not a handshake that was cut or took too long. */
    private static boolean isRejected(Throwable failure) {
        if (String.valueOf(failure.getMessage()).contains("Received fatal alert")) {
            return true;
        }
        int causes = 0;
        for (Throwable cause = failure.getCause(); cause != null && causes++ < MOST_CAUSES; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException) {
                return true;
            }
        }
        return false;
    }

    private static Throwable innermost(Throwable failure) {
        Throwable root = failure;
        for (int i = 0; i < MOST_CAUSES && root.getCause() != null; i++) {
            root = root.getCause();
        }
        return root;
    }

    private static String line(Throwable failure) {
        String said = failure.getMessage();
        return said == null || said.isBlank() ? failure.getClass().getSimpleName() : line(said);
    }

    /** One line, of bounded length, in which nothing can act on a terminal. */
    static String line(String said) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < said.length(); i++) {
            char c = said.charAt(i);
            boolean isPlain = !Character.isISOControl(c)
                    && Character.getType(c) != Character.FORMAT
                    && Character.getType(c) != Character.LINE_SEPARATOR
                    && Character.getType(c) != Character.PARAGRAPH_SEPARATOR
                    && !Character.isSurrogate(c);
            String shown = isPlain ? String.valueOf(c) : String.format("\\u%04x", (int) c);
            if (line.length() + shown.length() > MOST_CHARACTERS - 1) {
                return line.append('…').toString();
            }
            line.append(shown);
        }
        return line.toString();
    }
}
