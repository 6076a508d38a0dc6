package dev.roomcast.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names and values of a request, as they are kept for as long as its connection lives: in one array, name and value in turn,
 * since there are few and they are seldom asked for. A name that stands in many requests is the same string in all of them.
 */
final class Fields {

    private static final String[] NONE = {};

    /** What browsers and other clients send. */
    private static final Map<String, String> COMMON = common(
            "accept",
            "accept-encoding",
            "accept-language",
            "authorization",
            "cache-control",
            "connection",
            "cookie",
            "dnt",
            "forwarded",
            "host",
            "origin",
            "pragma",
            "room",
            "sec-fetch-dest",
            "sec-fetch-mode",
            "sec-fetch-site",
            "sec-websocket-extensions",
            "sec-websocket-key",
            "sec-websocket-protocol",
            "sec-websocket-version",
            "token",
            "upgrade",
            "user",
            "user-agent",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-real-ip");

    private Fields() {}

    static String[] of(Map<String, List<String>> fields) {
        List<String> flat = new ArrayList<>(2 * fields.size());
        fields.forEach((name, values) -> {
            for (String value : values) {
                flat.add(COMMON.getOrDefault(name, name));
                flat.add(value);
            }
        });
        return flat.isEmpty() ? NONE : flat.toArray(String[]::new);
    }

    static Optional<String> first(String[] namesAndValues, String name) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i].equals(name)) {
                return Optional.of(namesAndValues[i + 1]);
            }
        }
        return Optional.empty();
    }

    static List<String> all(String[] namesAndValues, String name) {
        List<String> values = new ArrayList<>(1);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i].equals(name)) {
                values.add(namesAndValues[i + 1]);
            }
        }
        return List.copyOf(values);
    }

    private static Map<String, String> common(String... names) {
        return List.of(names).stream()
                .collect(java.util.stream.Collectors.toUnmodifiableMap(name -> name, name -> name));
    }
}
