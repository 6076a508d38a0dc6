package dev.roomcast;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * Names of connections: 96 random bits in 16 characters that may stand in a URL. Not to be guessed, and unique among all
 * instances: of a thousand million made, two are the same with a chance of one in 10^11.
 */
final class Ids {

    private static final int BYTES = 12;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {}

    static String next() {
        byte[] bits = new byte[BYTES];
        RANDOM.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }
}
