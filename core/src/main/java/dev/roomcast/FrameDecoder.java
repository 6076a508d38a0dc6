package dev.roomcast;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.roomcast.guard.Names;
import dev.roomcast.message.Content;
import dev.roomcast.message.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what clients send: exactly one JSON object, no duplicate keys, no deeper than allowed. The content is not
 * interpreted: its piece of the text is cut out and travels as it is.
 */
final class FrameDecoder {

    private final JsonFactory json;
    private final int nameLength;

    FrameDecoder(Settings settings) {
        this.nameLength = settings.count(Limit.NAME_LENGTH);
        this.json = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                // Its table of names is shared by all parsers; names of equal hash from one client broke it for others.
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(settings.count(Limit.JSON_DEPTH))
                        .maxStringLength(settings.count(Limit.MESSAGE_BYTES))
                        .maxNumberLength(settings.count(Limit.MESSAGE_BYTES))
                        .maxNameLength(settings.count(Limit.MESSAGE_BYTES))
                        .build())
                .build();
    }

    ClientFrame decode(String text) throws BadFrame {
        Fields fields = new Fields(text);
        try (JsonParser parser = json.createParser(text)) {
            fields.read(parser);
        } catch (StreamConstraintsException e) {
            // The message's own size bounds all else that is constrained.
            throw new BadFrame("nested too deep", Frames.Cause.UNKNOWN, Limit.JSON_DEPTH);
        } catch (JsonProcessingException e) {
            throw new BadFrame("not one well-formed JSON object");
        } catch (IOException e) {
            throw new AssertionError("reading a string does no I/O", e);
        }
        return fields.check();
    }

    /** The fields of one message while it is read. */
    private final class Fields {

        private final String text;
        private String type = Message.CHAT;
        private @Nullable String room;
        private @Nullable Content content;
        private @Nullable String id;
        private @Nullable Content meta;
        private @Nullable String token;
        private boolean isVolatile;

        Fields(String text) {
            this.text = text;
        }

        void read(JsonParser parser) throws IOException, BadFrame {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new BadFrame("a message is a JSON object");
            }
            for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (field) {
                    case "type" -> type = string(parser, value, field);
                    case "room" -> room = string(parser, value, field);
                    case "token" -> token = string(parser, value, field);
                    case "id" -> id = string(parser, value, field);
                    case "content" -> content = Content.ofCheckedJson(slice(parser));
                    case "meta" -> meta = object(parser, value);
                    case "volatile" -> isVolatile = bool(value);
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new BadFrame("a message is one JSON object and nothing behind it");
            }
        }

        ClientFrame check() throws BadFrame {
            ClientFrame frame = new ClientFrame(type, room, content, id, isVolatile, meta, token);
            checkName("type", type);
            // A type is relayed as it is, and no page needs markup in it.
            require(type.chars().noneMatch(c -> "<>&\"'`".indexOf(c) >= 0), "type has a character of markup", frame);
            if (room != null) {
                checkName("room", room);
            }
            if (id != null) {
                require(isId(id), "id has 1 to " + Message.MAX_ID_BYTES + " bytes of well-formed UTF-8", frame);
                require(!isVolatile, "a volatile message has no id", frame);
            }
            return frame;
        }

        private void checkName(String field, String name) throws BadFrame {
            Optional<String> fault = Names.fault(name, nameLength);
            if (fault.isPresent()) {
                // Neither the faulty name itself is repeated, nor an id that is faulty too.
                String answered = id != null && isId(id) ? id : null;
                throw new BadFrame(
                        field + " " + fault.get(),
                        new Frames.Cause(field.equals("type") ? null : type, null, answered),
                        name.length() > nameLength ? Limit.NAME_LENGTH : null);
            }
        }

        private static boolean isId(String id) {
            return !id.isEmpty()
                    && Utf8.length(id) <= Message.MAX_ID_BYTES
                    && StandardCharsets.UTF_8.newEncoder().canEncode(id);
        }

        private void require(boolean holds, String message, ClientFrame frame) throws BadFrame {
            if (!holds) {
                throw new BadFrame(message, new Frames.Cause(frame.type(), frame.room(), null));
            }
        }

        private String string(JsonParser parser, JsonToken value, String field) throws IOException, BadFrame {
            if (value != JsonToken.VALUE_STRING) {
                throw new BadFrame(field + " is a string");
            }
            return parser.getText();
        }

        private boolean bool(JsonToken value) throws BadFrame {
            if (value != JsonToken.VALUE_TRUE && value != JsonToken.VALUE_FALSE) {
                throw new BadFrame("volatile is true or false");
            }
            return value == JsonToken.VALUE_TRUE;
        }

        private Content object(JsonParser parser, JsonToken value) throws IOException, BadFrame {
            if (value != JsonToken.START_OBJECT) {
                throw new BadFrame("meta is an object");
            }
            return Content.ofCheckedJson(slice(parser));
        }

        /** The value that the parser stands on, as it was written. Leaves the parser at its end. */
        private String slice(JsonParser parser) throws IOException {
            int start = (int) parser.currentTokenLocation().getCharOffset();
            parser.skipChildren();
            parser.finishToken();
            return text.substring(start, (int) parser.currentLocation().getCharOffset());
        }
    }
}
