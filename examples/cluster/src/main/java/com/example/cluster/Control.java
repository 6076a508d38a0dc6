package com.example.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The page, and what its buttons do: {@code GET /state}, {@code POST /kill?part=A}, {@code POST /start?part=A}. Only for pages
 * of its own: a foreign one cannot send the header {@code X-Cluster}.
 */
final class Control implements AutoCloseable {

    private static final Map<String, String> FILES = Map.of(
            "/", "/web/index.html",
            "/cluster.css", "/web/cluster.css",
            "/cluster.js", "/web/cluster.js",
            "/roomcast/roomcast.js", "/META-INF/resources/roomcast/roomcast.js");

    private static final Map<String, String> TYPES =
            Map.of("html", "text/html; charset=utf-8", "css", "text/css; charset=utf-8", "js", "text/javascript");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private List<Part> parts = List.of();
    private int sockets;

    Control(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.setExecutor(threads);
    }

    /** Where its page is, as browsers name it. */
    String origin() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** Begins to answer. */
    void open(List<Part> all, int socketPort) {
        parts = all;
        sockets = socketPort;
        server.createContext("/", this::file);
        server.createContext("/state", exchange -> answer(exchange, 200, "application/json", state()));
        server.createContext("/kill", exchange -> act(exchange, Part::kill));
        server.createContext("/start", exchange -> act(exchange, Part::start));
        server.start();
    }

    private String state() {
        return "{\"sockets\":" + sockets + ",\"parts\":["
                + parts.stream()
                        .map(part -> "{\"name\":\"" + part.name() + "\",\"running\":" + part.isRunning() + "}")
                        .collect(Collectors.joining(","))
                + "]}";
    }

    private void act(HttpExchange exchange, Consumer<Part> action) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        boolean allowed = exchange.getRequestMethod().equals("POST")
                && exchange.getRequestHeaders().containsKey("X-Cluster");
        Part found = parts.stream()
                .filter(part -> query.equals("part=" + part.name()))
                .findFirst()
                .orElse(null);
        if (!allowed || found == null) {
            answer(exchange, allowed ? 404 : 403, "text/plain", "");
            return;
        }
        try {
            action.accept(found);
            answer(exchange, 200, "application/json", state());
        } catch (RuntimeException failed) {
            answer(exchange, 500, "text/plain", String.valueOf(failed.getMessage()));
        }
    }

    private void file(HttpExchange exchange) throws IOException {
        String file = FILES.get(exchange.getRequestURI().getPath());
        if (file == null) {
            answer(exchange, 404, "text/plain", "");
            return;
        }
        try (InputStream in = Control.class.getResourceAsStream(file)) {
            String type = TYPES.get(file.substring(file.lastIndexOf('.') + 1));
            answer(exchange, 200, type, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        // In a frame of another page, one might be made to click on what ends a process.
        exchange.getResponseHeaders().set("Content-Security-Policy", "frame-ancestors 'none'");
        exchange.getResponseHeaders().set("Referrer-Policy", "no-referrer");
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
