package dev.roomcast.testkit;

import dev.roomcast.message.Content;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A frame that a client was sent.
 *
 * @param json the text as it came
 * @param fields the same, parsed
 */
public record Received(String json, Map<?, ?> fields) {

    static Received of(String json) {
        Map<?, ?> fields = Content.ofJson(json).as(Map.class);
        return new Received(json, fields == null ? Map.of() : fields);
    }

    /**
     * The frame's type.
     *
     * @return the field {@code type}
     */
    public String type() {
        return text("type");
    }

    /**
     * A field as text.
     *
     * @param field its name
     * @return its value; empty if it is absent
     */
    public String text(String field) {
        Object value = fields.get(field);
        return value == null ? "" : String.valueOf(value);
    }

    /**
     * A field as a number.
     *
     * @param field its name
     * @return its value; -1 if it is absent or not a number
     */
    public long number(String field) {
        return fields.get(field) instanceof Number number ? number.longValue() : -1;
    }

    /**
     * Whether a field is true.
     *
     * @param field its name
     * @return true if it is there and true
     */
    public boolean is(String field) {
        return Boolean.TRUE.equals(fields.get(field));
    }

    /**
     * A field as it was parsed.
     *
     * @param field its name
     * @return a string, number, boolean, list or map; null if it is absent
     */
    public @Nullable Object get(String field) {
        return fields.get(field);
    }

    @Override
    public String toString() {
        return json;
    }
}
