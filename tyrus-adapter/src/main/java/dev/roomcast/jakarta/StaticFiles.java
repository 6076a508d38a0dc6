package dev.roomcast.jakarta;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;

/**
 * Serves resources of the class path below given prefixes, and the library's own browser client below
 * {@code /roomcast/}, and nothing else.
 *
 * <p>A path is decoded once and must then consist of plain names: letters, digits, {@code _ - .}, none beginning with a
 * point. So there is no parent, no absolute path, no backslash, no NUL and no second decoding to be tricked into; and since
 * only known extensions are served, no directory is ever listed. Browsers ask each time whether a file has changed
 * ({@code no-cache} with an entity tag), so a page and its scripts are always of one version.
 */
final class StaticFiles extends HttpHandler {

    private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+");
    private static final String INDEX = "index.html";

    /** The client that stands where servlet containers serve it by themselves. */
    private static final String CLIENT = "roomcast/";

    private static final String SERVED_BY_CONTAINERS = "META-INF/resources/";

    private static final ClassLoader OWN = StaticFiles.class.getClassLoader();

    private final ClassLoader loader;
    private final List<String> prefixes;
    private final Map<String, String> headers;

    /**
     * Files below prefixes.
     *
     * @param headers that stand in every answer
     */
    StaticFiles(ClassLoader loader, List<String> prefixes, Map<String, String> headers) {
        this.loader = loader;
        this.prefixes = List.copyOf(prefixes);
        this.headers = Map.copyOf(headers);
    }

    @Override
    public void service(Request request, Response response) throws IOException {
        response.setHeader("X-Content-Type-Options", "nosniff");
        headers.forEach(response::setHeader);
        boolean head = Method.HEAD.equals(request.getMethod());
        if (!head && !Method.GET.equals(request.getMethod())) {
            response.setHeader("Allow", "GET, HEAD");
            fail(response, 405, "Method Not Allowed", head);
            return;
        }
        Optional<String> path = path(request.getRequestURI());
        Optional<String> type = path.flatMap(ContentTypes::of);
        Optional<byte[]> content = type.isPresent() ? path.flatMap(this::load) : Optional.empty();
        if (content.isEmpty()) {
            fail(response, 404, "Not Found", head);
            return;
        }
        String tag = tag(content.get());
        response.setHeader("Cache-Control", "no-cache");
        response.setHeader("ETag", tag);
        if (tag.equals(request.getHeader("If-None-Match"))) {
            response.setStatus(304);
            return;
        }
        send(response, type.orElseThrow(), content.get(), head);
    }

    /** The name of what is asked for; empty if it cannot be the name of a resource. */
    static Optional<String> path(String uri) {
        try {
            String path = QueryString.decode(uri, false);
            String file = path.endsWith("/") ? path + INDEX : path;
            return PLAIN.matcher(file).matches() ? Optional.of(file.substring(1)) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> load(String path) {
        return prefixes.stream()
                .map(prefix -> prefix + "/" + path)
                .flatMap(name -> read(loader, name).stream())
                .findFirst()
                .or(() -> path.startsWith(CLIENT) ? read(OWN, SERVED_BY_CONTAINERS + path) : Optional.empty());
    }

    private static Optional<byte[]> read(ClassLoader loader, String name) {
        URL found = loader.getResource(name);
        if (found == null || isDirectory(loader, found, name)) {
            return Optional.empty();
        }
        try (InputStream in = found.openStream()) {
            return Optional.of(in.readAllBytes());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** A directory opens as a stream, too, of its names: in a folder of classes as well as in a jar. */
    private static boolean isDirectory(ClassLoader loader, URL found, String name) {
        try {
            return found.getProtocol().equals("file")
                    ? Files.isDirectory(Path.of(found.toURI()))
                    : loader.getResource(name + "/") != null;
        } catch (URISyntaxException unreadable) {
            return true;
        }
    }

    private static String tag(byte[] content) {
        CRC32 checksum = new CRC32();
        checksum.update(content);
        return "\"" + Long.toHexString(checksum.getValue()) + "-" + content.length + "\"";
    }

    private static void fail(Response response, int status, String reason, boolean head) throws IOException {
        response.setStatus(status, reason);
        byte[] body = (status + " " + reason + "\n").getBytes(StandardCharsets.US_ASCII);
        send(response, "text/plain; charset=utf-8", body, head);
    }

    private static void send(Response response, String type, byte[] body, boolean head) throws IOException {
        response.setContentType(type);
        response.setContentLength(body.length);
        if (!head) {
            response.getOutputStream().write(body);
        }
    }
}
