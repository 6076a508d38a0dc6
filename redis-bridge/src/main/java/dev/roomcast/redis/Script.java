package dev.roomcast.redis;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A Lua script that Redis runs as one step. It is called by its digest; a Redis that does not know it is sent the text. */
final class Script {

    /** Puts a batch into the room's order. */
    static final Script PUBLISH = load("order", "publish");

    /** Reads the top of a room's order, and what follows an offset. */
    static final Script READ = load("order", "read");

    /** All that is done with a room's roster. */
    static final Script ROSTER = load("roster");

    /** All that is done with instances' leases. */
    static final Script LEASE = load("lease");

    /** All that is done with where a user is. */
    static final Script DIRECTORY = load("directory");

    /** Tries all that the others do; run once for each connection. */
    static final Script PROBE = load("probe");

    static final List<Script> ALL = List.of(PUBLISH, READ, ROSTER, LEASE, DIRECTORY);

    private final byte[] text;
    private final String digest;

    private Script(byte[] text, String digest) {
        this.text = text;
        this.digest = digest;
    }

    /** What Redis runs; not to be changed. */
    byte[] text() {
        return text;
    }

    /** SHA-1 of the text, as Redis names it. */
    String digest() {
        return digest;
    }

    private static Script load(String... names) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (String name : names) {
            joined.writeBytes(resource(name));
        }
        byte[] text = joined.toByteArray();
        try {
            return new Script(
                    text,
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(text)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-1", e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
            if (in == null) {
                throw new AssertionError("the script " + name + " is missing from the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
