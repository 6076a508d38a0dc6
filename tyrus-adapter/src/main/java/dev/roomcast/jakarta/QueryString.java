package dev.roomcast.jakarta;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a URL, decoded as HTML forms encode them: {@code %xx} is UTF-8, {@code +} is a space. Strict: two
 * malformed names must not become the same name by replacement characters. Every way into the hub decodes with this class,
 * from the query as it stands in the request: containers differ in what they make of a malformed one.
 *
 * <p>Browsers leave {@code | { } ^ \} and the backtick unescaped, though RFC 3986 does not allow them. They are taken as they
 * are. Control characters and everything beyond ASCII must be escaped.
 */
final class QueryString {

    private QueryString() {}

    /**
     * Decodes a query.
     *
     * @param query as it stands in the request; null is none
     * @return names and values in order
     * @throws IllegalArgumentException if an escape or its UTF-8 is malformed
     */
    static Map<String, List<String>> parse(@Nullable String query) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        if (query == null || query.isEmpty()) {
            return parameters;
        }
        for (String pair : query.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
                String value = equals < 0 ? "" : decode(pair.substring(equals + 1), true);
                parameters.computeIfAbsent(name, unused -> new ArrayList<>(1)).add(value);
            }
        }
        return parameters;
    }

    /**
     * Decodes percent escapes.
     *
     * @param text ASCII
     * @param form whether {@code +} is a space
     * @return the text
     * @throws IllegalArgumentException if an escape or its UTF-8 is malformed
     */
    static String decode(String text, boolean form) {
        byte[] bytes = new byte[text.length()];
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes[count++] = (byte) (hex(text, i + 1) << 4 | hex(text, i + 2));
                i += 2;
            } else if (c >= ' ' && c < 0x7f) {
                bytes[count++] = (byte) (c == '+' && form ? ' ' : c);
            } else {
                throw new IllegalArgumentException("a character that must be escaped");
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, count))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw new IllegalArgumentException("an escape that is not UTF-8", malformed);
        }
    }

    /**
     * Escapes what {@link java.net.URI} refuses in a query.
     *
     * @param query as it stands in the request
     * @return the same parameters, as a query that is one by RFC 3986 if its escapes are sound
     */
    static String escaped(String query) {
        StringBuilder escaped = new StringBuilder(query.length());
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (c < 0x80 && !isLegal(c)) {
                escaped.append(String.format("%%%02X", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "-._~!$&'()*+,;=:@/?%[]".indexOf(c) >= 0;
    }

    private static int hex(String text, int at) {
        int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
        if (digit < 0) {
            throw new IllegalArgumentException("an escape that is not hexadecimal");
        }
        return digit;
    }
}
