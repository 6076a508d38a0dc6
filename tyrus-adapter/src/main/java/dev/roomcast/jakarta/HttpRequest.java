package dev.roomcast.jakarta;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The head of one HTTP request, read strictly: what two readers could read differently is refused, since the other reader is
 * the proxy in front of this server.
 *
 * <p>RFC 9112: lines end with CR LF, and a CR or LF stands nowhere else; names are tokens with the colon right after them; no
 * folded lines; values have no control characters. Headers that can only mean one thing come once. A length is a number, and
 * stands alone; the only transfer coding is {@code chunked}.
 */
final class HttpRequest {

    /** RFC 9112 3: servers should take 8,000 at least. Tokens stand in queries. */
    static final int MAX_TARGET_BYTES = 8 * 1024;

    private static final int MAX_HEADERS = 100;

    private static final Set<String> SINGLE = Set.of(
            "authorization",
            "content-length",
            "host",
            "sec-websocket-key",
            "sec-websocket-version",
            "transfer-encoding");

    private static final String TOKEN_SYMBOLS = "!#$%&'*+-.^_`|~";

    private final String method;
    private final String path;
    private final @Nullable String query;
    private final boolean http11;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private boolean body;

    private HttpRequest(String method, String path, @Nullable String query, boolean http11) {
        this.method = method;
        this.path = path;
        this.query = query;
        this.http11 = http11;
    }

    /**
     * Reads a head.
     *
     * @param bytes the head's lines from the first on, up to the empty line and with it
     * @throws BadRequest if it is malformed, or more than a request may have
     */
    static HttpRequest parse(byte[] bytes, int from, int to) throws BadRequest {
        String head = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        int end = head.indexOf("\r\n");
        HttpRequest request = requestLine(head.substring(0, end));
        int headers = 0;
        for (int start = end + 2; !head.startsWith("\r\n", start); start = end + 2) {
            end = head.indexOf("\r\n", start);
            if (++headers > MAX_HEADERS) {
                throw new BadRequest(431, "too many headers");
            }
            request.addHeader(head.substring(start, end));
        }
        request.check();
        return request;
    }

    private static HttpRequest requestLine(String line) throws BadRequest {
        int first = line.indexOf(' ');
        int second = line.indexOf(' ', first + 1);
        if (first < 1 || second < 0 || !isToken(line.substring(0, first))) {
            throw malformed("request line");
        }
        String target = line.substring(first + 1, second);
        if (target.length() > MAX_TARGET_BYTES) {
            throw new BadRequest(414, "target too long");
        }
        if (!target.startsWith("/") || target.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw malformed("target");
        }
        String version = line.substring(second + 1);
        if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
            boolean other = version.startsWith("HTTP/") && version.length() == 8;
            throw new BadRequest(other ? 505 : 400, "version");
        }
        int mark = target.indexOf('?');
        return new HttpRequest(
                line.substring(0, first),
                mark < 0 ? target : target.substring(0, mark),
                mark < 0 ? null : target.substring(mark + 1),
                version.endsWith("1"));
    }

    private void addHeader(String line) throws BadRequest {
        int colon = line.indexOf(':');
        if (colon < 1 || !isToken(line.substring(0, colon))) {
            throw malformed("header name");
        }
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        String value = trimmed(line.substring(colon + 1));
        if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
            throw malformed("header value");
        }
        List<String> values = headers.computeIfAbsent(name, key -> new ArrayList<>(1));
        if (!values.isEmpty() && SINGLE.contains(name)) {
            throw malformed(name + " twice");
        }
        values.add(value);
    }

    private void check() throws BadRequest {
        Optional<String> length = header("Content-Length");
        Optional<String> coding = header("Transfer-Encoding");
        if (http11 && header("Host").isEmpty()) {
            throw malformed("no host");
        }
        if (coding.isPresent()
                && (!http11 || length.isPresent() || !coding.get().equalsIgnoreCase("chunked"))) {
            throw malformed("transfer encoding");
        }
        if (length.isPresent() && !isLength(length.get())) {
            throw malformed("content length");
        }
        body = coding.isPresent() || (length.isPresent() && Long.parseLong(length.get()) > 0);
    }

    private static boolean isLength(String value) {
        return !value.isEmpty() && value.length() <= 18 && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || TOKEN_SYMBOLS.indexOf(c) >= 0);
    }

    /** Without the spaces and tabs around it, and those alone. */
    private static String trimmed(String value) {
        int from = 0;
        int to = value.length();
        while (from < to && isBlank(value.charAt(from))) {
            from++;
        }
        while (from < to && isBlank(value.charAt(to - 1))) {
            to--;
        }
        return value.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static BadRequest malformed(String part) {
        return new BadRequest(400, part);
    }

    String method() {
        return method;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** As it stands in the request, beginning with a slash. */
    String path() {
        return path;
    }

    /** As it stands in the request; null if there is no question mark. */
    @Nullable
    String query() {
        return query;
    }

    boolean isHttp11() {
        return http11;
    }

    /** Whether a body follows the head. */
    boolean hasBody() {
        return body;
    }

    /** The first value of a header. */
    Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /** All headers, by names in lower case. */
    Map<String, List<String>> headers() {
        return headers;
    }

    /** Whether a header that is a list has this element, whatever the case. */
    boolean lists(String name, String element) {
        return headers.getOrDefault(name, List.of()).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .anyMatch(one -> trimmed(one).equalsIgnoreCase(element));
    }

    /** Whether the client wants another request answered on the same connection. */
    boolean keepsAlive() {
        return !body && !lists("Connection", "close") && (http11 || lists("Connection", "keep-alive"));
    }
}
