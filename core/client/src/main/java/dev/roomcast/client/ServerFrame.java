package dev.roomcast.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.roomcast.message.Content;
import dev.roomcast.message.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object that the server said. Content and metadata are not interpreted: they are the piece of text that came. Fields
 * of a kind that nobody expects count as absent.
 */
final class ServerFrame {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.client");

    /** Digits that surely fit into a long. */
    private static final int MOST_DIGITS = 18;

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            // The size of the text bounds everything in it.
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private final Map<String, Object> fields;

    private ServerFrame(Map<String, Object> fields) {
        this.fields = fields;
    }

    /**
     * Reads a text frame.
     *
     * @param text objects, each on a line of its own
     * @return none if a line is no JSON object, which is logged
     */
    static List<ServerFrame> all(String text) {
        try {
            return lines(text);
        } catch (IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "The server sent what is no frame: {0}", e.getMessage());
            return List.of();
        }
    }

    private static List<ServerFrame> lines(String text) {
        List<ServerFrame> frames = new ArrayList<>(1);
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            frames.add(of(text.substring(start, end)));
            start = end + 1;
        }
        frames.add(of(start == 0 ? text : text.substring(start)));
        return frames;
    }

    private static ServerFrame of(String line) {
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("not a JSON object");
            }
            return object(parser, line);
        } catch (IOException e) {
            // Without the cause, which quotes the content.
            throw new IllegalArgumentException("not well-formed JSON");
        }
    }

    private static ServerFrame object(JsonParser parser, String line) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            Object value = name.equals("content") || name.equals("meta")
                    ? Content.ofCheckedJson(slice(parser, line))
                    : value(parser, token, line);
            if (value != null) {
                fields.put(name, value);
            }
        }
        return new ServerFrame(fields);
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token, String line) throws IOException {
        return switch (token) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getTextLength() <= MOST_DIGITS ? parser.getLongValue() : null;
            case VALUE_TRUE -> true;
            case START_OBJECT -> object(parser, line);
            case START_ARRAY -> list(parser, line);
            default -> null;
        };
    }

    private static List<ServerFrame> list(JsonParser parser, String line) throws IOException {
        List<ServerFrame> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            if (token == JsonToken.START_OBJECT) {
                items.add(object(parser, line));
            } else {
                parser.skipChildren();
            }
        }
        return items;
    }

    /** The value that the parser stands on, as it was written. Leaves the parser at its end. */
    private static String slice(JsonParser parser, String line) throws IOException {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        parser.finishToken();
        return line.substring(start, (int) parser.currentLocation().getCharOffset());
    }

    String type() {
        return text("type", "");
    }

    @Nullable
    String text(String field) {
        return fields.get(field) instanceof String text ? text : null;
    }

    String text(String field, String otherwise) {
        return fields.get(field) instanceof String text ? text : otherwise;
    }

    long number(String field, long otherwise) {
        return fields.get(field) instanceof Long number ? number : otherwise;
    }

    boolean is(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    @Nullable
    Content content(String field) {
        return fields.get(field) instanceof Content content ? content : null;
    }

    @Nullable
    ServerFrame object(String field) {
        return fields.get(field) instanceof ServerFrame object ? object : null;
    }

    /** The objects of a list; null if there is no such list. */
    @Nullable
    List<ServerFrame> list(String field) {
        if (!(fields.get(field) instanceof List<?> list)) {
            return null;
        }
        return list.stream().map(ServerFrame.class::cast).toList();
    }

    /** The place that the frame names by its epoch and a number; null if it names none. */
    @Nullable
    Position position(String number) {
        String epoch = text("epoch", "");
        long offset = number(number, -1);
        return epoch.isEmpty() || epoch.length() > Position.MAX_EPOCH_LENGTH || offset < 0
                ? null
                : new Position(epoch, offset);
    }
}
