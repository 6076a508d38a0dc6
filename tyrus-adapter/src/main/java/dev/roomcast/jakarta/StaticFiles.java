package dev.roomcast.jakarta;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Serves resources of the class path below given prefixes, and the library's own browser client below
 * {@code /roomcast/}, and nothing else.
 *
 * <p>A path is decoded once and must then consist of plain names: letters, digits, {@code _ - .}, none beginning with a
 * point. So there is no parent, no absolute path, no backslash, no NUL and no second decoding to be tricked into; and since
 * only known extensions are served, no directory is ever listed. Browsers ask each time whether a file has changed
 * ({@code no-cache} with an entity tag), so a page and its scripts are always of one version.
 */
final class StaticFiles {

    /** Longest path that is looked at, in characters; longer ones name no resource. */
    private static final int MAX_PATH = 1024;

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

    /** The answer to a request that asks for no upgrade. */
    HttpResponse answer(HttpRequest request) {
        HttpResponse answer = fileOrRefusal(request);
        headers.forEach(answer::header);
        return answer;
    }

    private HttpResponse fileOrRefusal(HttpRequest request) {
        if (!request.isHead() && !request.method().equals("GET")) {
            return HttpResponse.plain(405).header("Allow", "GET, HEAD");
        }
        Optional<String> path = path(request.path());
        Optional<String> type = path.flatMap(ContentTypes::of);
        Optional<byte[]> content = type.isPresent() ? path.flatMap(this::load) : Optional.empty();
        if (content.isEmpty()) {
            return HttpResponse.plain(404);
        }
        String tag = tag(content.get());
        boolean known = request.header("If-None-Match").filter(tag::equals).isPresent();
        HttpResponse response =
                known ? new HttpResponse(304) : new HttpResponse(200).body(type.orElseThrow(), content.get());
        return response.header("X-Content-Type-Options", "nosniff")
                .header("Cache-Control", "no-cache")
                .header("ETag", tag);
    }

    /** The name of what is asked for; empty if it cannot be the name of a resource. */
    static Optional<String> path(String uri) {
        if (uri.length() > MAX_PATH) {
            return Optional.empty();
        }
        try {
            String path = QueryString.decode(uri, false);
            String file = path.endsWith("/") ? path + INDEX : path;
            return isPlain(file) ? Optional.of(file.substring(1)) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    /** A loop and no pattern: a repeated group recurses once for each segment. */
    private static boolean isPlain(String file) {
        char before = 0;
        for (int i = 0; i < file.length(); i++) {
            char c = file.charAt(i);
            boolean ends = i + 1 == file.length();
            boolean fits = i == 0 ? c == '/' : c == '/' ? before != '/' : isName(c) || (c == '.' && before != '/');
            if (!fits || (ends && c == '/')) {
                return false;
            }
            before = c;
        }
        return !file.isEmpty();
    }

    private static boolean isName(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
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
}
