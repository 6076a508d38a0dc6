package dev.roomcast.redis;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Names of keys and channels. All begin with the prefix, so that an ACL can confine the bridge to it, and all of one room
 * share a hash tag, so that one script may touch them in a cluster. Names of rooms and users are percent-encoded: a brace
 * or a star in one of them has no meaning.
 */
final class Keys {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final String prefix;

    /** What channels begin with: a database number separates keys in Redis, but not channels. */
    private final String channels;

    /**
     * Keys that begin with a prefix, in the database 0.
     *
     * @throws IllegalArgumentException if the prefix is empty or has other characters than letters, digits, '.', '_', '-'
     *     and ':'
     */
    Keys(String prefix) {
        if (!prefix.matches("[A-Za-z0-9._:-]+")) {
            throw new IllegalArgumentException("a key prefix has letters, digits, '.', '_', '-' and ':' only");
        }
        this.prefix = prefix;
        this.channels = prefix;
    }

    private Keys(String prefix, int database) {
        this.prefix = prefix;
        // No prefix contains an '@', so these are the channels of no other prefix either.
        this.channels = database == 0 ? prefix : prefix + "@" + database;
    }

    /** The same keys in another database; its channels carry the number, except in the database 0. */
    Keys in(int database) {
        return new Keys(prefix, database);
    }

    /** Where the room's news is published. */
    byte[] channel(String room) {
        return of(channels, room, ":c");
    }

    /** Epoch, offset and what else the order needs. */
    byte[] meta(String room) {
        return of(room, ":m");
    }

    /** The room's history. */
    byte[] stream(String room) {
        return of(room, ":s");
    }

    /** The ids that one user, or the application, gave to messages in the room. */
    byte[] ids(String room, @Nullable String userId) {
        return of(room, userId == null ? ":a" : ":d:" + encode(userId));
    }

    /** How often the room's roster changed. */
    byte[] revision(String room) {
        return of(room, ":v");
    }

    /** Who is in the room. */
    byte[] users(String room) {
        return of(room, ":u");
    }

    /** Who is away, and until when that is no leaving. */
    byte[] graces(String room) {
        return of(room, ":g");
    }

    /** The connections of one instance in the room. */
    byte[] connections(String room, String instance) {
        return of(room, ":i:" + instance);
    }

    /** When the lease of each instance runs out. */
    byte[] leases() {
        return instances("l");
    }

    /** There when an instance was declared dead. */
    byte[] fence(String instance) {
        return instances("f:" + instance);
    }

    /** The rooms an instance has connections in. */
    byte[] rooms(String instance) {
        return instances("r:" + instance);
    }

    /** The users that an instance has connections of. */
    byte[] usersOf(String instance) {
        return instances("u:" + instance);
    }

    /** Where a user is connected. No room's name gives this hash tag either. */
    byte[] places(String userId) {
        return (prefix + ":{*" + encode(userId) + "}:w").getBytes(StandardCharsets.US_ASCII);
    }

    /** The channel of one instance; of none, what all of them begin with. */
    byte[] inbox(String instance) {
        return (channels + ":i:" + instance).getBytes(StandardCharsets.US_ASCII);
    }

    /** The channel of all instances. */
    byte[] everyone() {
        return (channels + ":all").getBytes(StandardCharsets.US_ASCII);
    }

    /** No room's name gives this hash tag: a star would be encoded. */
    private byte[] instances(String rest) {
        return (prefix + ":{*}:" + rest).getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] of(String room, String rest) {
        return of(prefix, room, rest);
    }

    private static byte[] of(String beginning, String room, String rest) {
        return (beginning + ":{" + encode(room) + "}" + rest).getBytes(StandardCharsets.US_ASCII);
    }

    static String encode(String name) {
        return isPlain(name) ? name : encoded(name);
    }

    private static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (!isPlain(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(int b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~';
    }

    private static String encoded(String name) {
        StringBuilder encoded = new StringBuilder(name.length() + 8);
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX.toHexDigits(b));
            }
        }
        return encoded.toString();
    }
}
