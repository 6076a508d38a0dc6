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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object that the server said, as {@link FrameShape} wants it. Content and metadata are not interpreted: they are the
 * piece of text that came.
 */
final class ServerFrame {

    /** Digits that surely fit into a long. */
    private static final int MOST_DIGITS = 18;

    /** Objects within an object that are read: {@code lost}, and those of {@code members}. Deeper ones are skipped. */
    private static final int DEPTH = 1;

    /** Longest time that the server can ask for, in milliseconds: 24 days, which every timer takes. */
    private static final long LONGEST_MILLIS = Integer.MAX_VALUE;

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
     * The lines of a text frame.
     *
     * @param frames those that can be read, up to the first that cannot: a message may have been lost there, and a later one
     *     would move the position past it
     * @param fault what is wrong with the first that cannot be read; null if all can
     */
    record Lines(List<ServerFrame> frames, @Nullable String fault) {}

    /**
     * Reads a text frame.
     *
     * @param text objects, each on a line of its own
     */
    static Lines all(String text) {
        List<ServerFrame> frames = new ArrayList<>(1);
        int start = 0;
        try {
            for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
                frames.add(of(text.substring(start, end)));
                start = end + 1;
            }
            frames.add(of(start == 0 ? text : text.substring(start)));
            return new Lines(frames, null);
        } catch (IllegalArgumentException e) {
            return new Lines(frames, e.getMessage());
        }
    }

    private static ServerFrame of(String line) {
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("not a JSON object");
            }
            ServerFrame frame = object(parser, line, 0);
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("more than one JSON object on a line");
            }
            FrameShape.check(frame);
            return frame;
        } catch (IOException e) {
            // Without the cause, which quotes the content.
            throw new IllegalArgumentException("not well-formed JSON");
        }
    }

    private static ServerFrame object(JsonParser parser, String line, int depth) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken token = parser.nextToken();
            Object value = name.equals("content") || name.equals("meta")
                    ? Content.ofCheckedJson(slice(parser, line))
                    : value(parser, token, line, depth);
            fields.put(name, value);
        }
        return new ServerFrame(fields);
    }

    private static Object value(JsonParser parser, JsonToken token, String line, int depth) throws IOException {
        return switch (token) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> parser.getTextLength() <= MOST_DIGITS ? parser.getLongValue() : Other.VALUE;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case START_OBJECT -> depth < DEPTH ? object(parser, line, depth + 1) : skipped(parser);
            case START_ARRAY -> depth < DEPTH ? list(parser, line, depth + 1) : skipped(parser);
            default -> Other.VALUE;
        };
    }

    private static List<Object> list(JsonParser parser, String line, int depth) throws IOException {
        List<Object> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            items.add(token == JsonToken.START_OBJECT ? object(parser, line, depth) : skipped(parser));
        }
        return items;
    }

    /** Without recursion, which a deep nesting would end with the thread's stack. */
    private static Object skipped(JsonParser parser) throws IOException {
        parser.skipChildren();
        return Other.VALUE;
    }

    /** A value of a kind that no field of the protocol has, or nested too deep for one. */
    private enum Other {
        VALUE
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

    /**
     * A time in milliseconds. Of all fields these alone have no effect when they are wrong: the client has times of its own.
     *
     * @return at most 24 days; the other one if there is none, or it is negative
     */
    long millis(String field, long otherwise) {
        long millis = number(field, -1);
        return millis < 0 ? otherwise : Math.min(millis, LONGEST_MILLIS);
    }

    /** Whether there is a field of that name, of whatever kind. */
    boolean has(String field) {
        return fields.containsKey(field);
    }

    boolean is(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    boolean isNot(String field) {
        return Boolean.FALSE.equals(fields.get(field));
    }

    @Nullable
    Content content(String field) {
        return fields.get(field) instanceof Content content ? content : null;
    }

    @Nullable
    ServerFrame object(String field) {
        return fields.get(field) instanceof ServerFrame object ? object : null;
    }

    /** The objects of a list; null if there is no such list, or something else is in it. */
    @Nullable
    List<ServerFrame> list(String field) {
        if (!(fields.get(field) instanceof List<?> list) || !list.stream().allMatch(ServerFrame.class::isInstance)) {
            return null;
        }
        return list.stream().map(ServerFrame.class::cast).toList();
    }

    /** One gap for this one and a later one: what was lost begins here and ends there. */
    ServerFrame gapUpTo(ServerFrame later) {
        Map<String, Object> both = new LinkedHashMap<>(later.fields);
        both.put("lost", Objects.requireNonNull(fields.get("lost")));
        return new ServerFrame(both);
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
