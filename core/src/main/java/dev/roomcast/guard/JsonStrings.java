package dev.roomcast.guard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.roomcast.message.Content;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.function.UnaryOperator;

/** Rewrites the strings and keys of a JSON text, and nothing else of it: numbers keep their digits. */
final class JsonStrings {

    /** The depth and the size were bounded when the text came in. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamWriteFeature.STRICT_DUPLICATE_DETECTION)
            // Its table of names is shared by all parsers, and could be broken by one client for all.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonStrings() {}

    static Content map(Content content, UnaryOperator<String> cleaner) {
        StringWriter written = new StringWriter(content.json().length() + 16);
        boolean changed = false;
        try (JsonParser from = JSON.createParser(content.json());
                JsonGenerator to = JSON.createGenerator(written)) {
            for (JsonToken token = from.nextToken(); token != null; token = from.nextToken()) {
                switch (token) {
                    case FIELD_NAME, VALUE_STRING -> {
                        String before = from.getText();
                        String after = cleaner.apply(before);
                        changed |= !after.equals(before);
                        if (token == JsonToken.FIELD_NAME) {
                            to.writeFieldName(after);
                        } else {
                            to.writeString(after);
                        }
                    }
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> to.writeNumber(from.getText());
                    default -> to.copyCurrentEvent(from);
                }
            }
        } catch (JsonProcessingException e) {
            // Without the cause, which names the key.
            throw new IllegalArgumentException("two keys became the same");
        } catch (IOException e) {
            throw new UncheckedIOException("from the cleaner: strings do no I/O", e);
        }
        return changed ? Content.ofCheckedJson(written.toString()) : content;
    }
}
