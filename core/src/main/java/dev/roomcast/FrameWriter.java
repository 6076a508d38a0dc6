package dev.roomcast;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.roomcast.transport.TextFrame;
import org.jspecify.annotations.Nullable;

/** Writes one flat JSON object that begins with its type. */
final class FrameWriter {

    private final StringBuilder json = new StringBuilder(160);

    FrameWriter(String type) {
        json.append("{\"type\":");
        quote(json, type);
    }

    /** An object without a type. */
    FrameWriter() {
        json.append('{');
    }

    /** Leaves the field out if the value is null. */
    FrameWriter text(String field, @Nullable String value) {
        if (value != null) {
            name(field);
            quote(json, value);
        }
        return this;
    }

    FrameWriter number(String field, long value) {
        name(field).append(value);
        return this;
    }

    FrameWriter bool(String field, boolean value) {
        name(field).append(value);
        return this;
    }

    FrameWriter raw(String field, CharSequence value) {
        name(field).append(value);
        return this;
    }

    String json() {
        return json.append('}').toString();
    }

    TextFrame end() {
        return TextFrame.of(json());
    }

    static void quote(StringBuilder json, String value) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(value, json);
        json.append('"');
    }

    private StringBuilder name(String field) {
        return json.append(json.length() == 1 ? "\"" : ",\"").append(field).append("\":");
    }
}
