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
import dev.roomcast.message.Position;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what clients send: exactly one JSON object, no duplicate keys, no deeper than allowed. The content is not
 * interpreted: its piece of the text is cut out and travels as it is.
 */
final class FrameDecoder {

    private static final long NONE = -1;

    /** Digits that surely fit into a long. */
    private static final int MOST_DIGITS = 18;

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
        private @Nullable String key;
        private @Nullable String epoch;
        private long offset = NONE;
        private @Nullable String positionFault;
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
                    case "key" -> key = string(parser, value, field);
                    case "epoch" -> epoch(parser, value);
                    case "offset" -> offset(parser, value);
                    case "volatile" -> isVolatile = bool(value);
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new BadFrame("a message is one JSON object and nothing behind it");
            }
        }

        ClientFrame check() throws BadFrame {
            ClientFrame frame = new ClientFrame(type, room, content, id, isVolatile, key, null, meta, token);
            checkName("type", type);
            // A type is relayed as it is, and no page needs markup in it.
            require(type.chars().noneMatch(c -> "<>&\"'`".indexOf(c) >= 0), "type has a character of markup", frame);
            if (room != null) {
                checkName("room", room);
            }
            if (id != null) {
                require(isId(id), "id has 1 to " + Message.MAX_ID_BYTES + " bytes of well-formed UTF-8", frame);
                if (isVolatile || key != null) {
                    throw new BadFrame("a message that is volatile or has a key has no id", frame.cause());
                }
            }
            if (key != null) {
                checkName("key", key);
            }
            Position from = type.equals("join") ? from(frame) : null;
            frame = from == null ? frame : new ClientFrame(type, room, content, id, isVolatile, key, from, meta, token);
            return frame;
        }

        /** Where a join leaves off. In other messages these are fields like any that nobody knows. */
        private @Nullable Position from(ClientFrame frame) throws BadFrame {
            require(positionFault == null, String.valueOf(positionFault), frame);
            require((epoch == null) == (offset == NONE), "epoch and offset come together", frame);
            return epoch == null ? null : new Position(epoch, offset);
        }

        private void epoch(JsonParser parser, JsonToken value) throws IOException {
            String name = value == JsonToken.VALUE_STRING ? parser.getText() : "";
            if (name.isEmpty() || name.length() > Position.MAX_EPOCH_LENGTH) {
                positionFault = "epoch is a string of 1 to " + Position.MAX_EPOCH_LENGTH + " characters";
                parser.skipChildren();
            } else {
                epoch = name;
            }
        }

        private void offset(JsonParser parser, JsonToken value) throws IOException {
            boolean fits = value == JsonToken.VALUE_NUMBER_INT
                    && parser.getTextLength() <= MOST_DIGITS
                    && parser.getLongValue() >= 0;
            if (fits) {
                offset = parser.getLongValue();
            } else {
                positionFault = "offset is a whole number from 0 to 10^18 - 1";
                parser.skipChildren();
            }
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
