package dev.roomcast.message;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a message carries: one JSON value of any kind, kept as the JSON text it came in. Content that nobody changes is
 * relayed as it was written: {@code 1.10} stays {@code 1.10} and {@code 12345678901234567890} keeps its digits.
 *
 * <p>Immutable and safe for use by any thread.
 */
public final class Content {

    /** JSON {@code null}. */
    public static final Content NULL = new Content("null");

    private final String json;

    private Content(String json) {
        this.json = json.indexOf('\n') < 0 && json.indexOf('\r') < 0 ? json : onOneLine(json);
    }

    /** A line break in JSON is never more than space between two parts, and a message is to fit on a line. */
    private static String onOneLine(String json) {
        return json.replace('\n', ' ').replace('\r', ' ');
    }

    /**
     * Content from a Java value: a string, number, boolean, collection, map, record or bean.
     *
     * @param value what to carry; null becomes JSON {@code null}, a {@code Content} is returned as it is, and one within
     *     the value is written as the JSON that it is
     * @return the content
     * @throws IllegalArgumentException if the value cannot be written as JSON
     */
    public static Content of(@Nullable Object value) {
        if (value instanceof Content content) {
            return content;
        }
        return value == null ? NULL : new Content(Json.write(value));
    }

    /**
     * Content from JSON text, checked.
     *
     * @param json exactly one JSON value
     * @return the content
     * @throws IllegalArgumentException if the text is not exactly one well-formed JSON value
     */
    public static Content ofJson(String json) {
        Json.check(json);
        return new Content(json.strip());
    }

    /**
     * Content from JSON text that the caller has already parsed, without a second check. A text that is not one JSON
     * value breaks the frames of everyone who receives it.
     *
     * @param json exactly one well-formed JSON value
     * @return the content
     */
    public static Content ofCheckedJson(String json) {
        return new Content(json);
    }

    /**
     * The JSON text.
     *
     * @return one JSON value
     */
    public String json() {
        return json;
    }

    /**
     * The text, when the content is a JSON string; otherwise the JSON itself, so that something readable comes back for
     * any content.
     *
     * @return the decoded string, or {@link #json()}
     */
    public String text() {
        return json.startsWith("\"") ? Json.read(json, String.class) : json;
    }

    /**
     * The content as a Java value.
     *
     * @param type for example {@code Map.class}, {@code Double.class} or a record of yours; unknown fields are ignored
     * @param <T> that type
     * @return the value; null if the content is JSON {@code null}
     * @throws IllegalArgumentException if the content does not fit the type
     */
    public <T> @Nullable T as(Class<T> type) {
        return Json.readNullable(json, type);
    }

    /**
     * Size on the wire.
     *
     * @return bytes of the JSON text in UTF-8
     */
    public int size() {
        return json.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Content content && content.json.equals(json);
    }

    @Override
    public int hashCode() {
        return json.hashCode();
    }

    /** Says the size only: content is private and stays out of logs. */
    @Override
    public String toString() {
        return "Content[" + json.length() + " chars]";
    }
}
