package dev.roomcast.fuzz;

import java.util.List;
import java.util.Random;

/** Makes up messages of clients: the fields of the protocol, mostly with what belongs into them. */
public final class JsonInput {

    private static final int DEEPEST = 5;
    private static final List<String> FIELDS = List.of(
            "type",
            "room",
            "content",
            "id",
            "volatile",
            "key",
            "epoch",
            "offset",
            "meta",
            "token",
            "re",
            "",
            "__proto__");
    private static final List<String> TYPES = List.of(
            "chat",
            "join",
            "leave",
            "members",
            "ping",
            "auth",
            "move",
            "welcome",
            "joined",
            "gap",
            "user_left",
            "rc.x");
    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "1",
            "-1",
            "1e5",
            "1E+400",
            "-1.50",
            "01",
            "+1",
            ".5",
            "1.",
            "NaN",
            "Infinity",
            "0x10",
            "9007199254740993",
            "999999999999999999",
            "9223372036854775808",
            "123456789012345678901234567890");
    private static final List<String> PIECES = List.of(
            "a",
            "Z",
            "9",
            " ",
            "ü",
            "\u2028",
            "\uD83D\uDE00",
            "\\n",
            "\\u0000",
            "\\u2029",
            "\\ud83d",
            "\\ude00",
            "\\ud83d\\ude00",
            "\\\"",
            "\\\\",
            "\\/",
            "\\x",
            "\\u12",
            "\n",
            "\u0000",
            "\u007f",
            "\u202e",
            "<b>",
            "&",
            "'",
            "\uD800",
            "%0a",
            "|",
            "{",
            "}");
    private static final List<String> SPACES =
            List.of("", "", "", "", " ", "\t", "\n", "\r\n", "\u00a0", "\ufeff", "/**/");

    private final Random random;

    /**
     * A source of messages.
     *
     * @param random the only source of chance
     */
    public JsonInput(Random random) {
        this.random = random;
    }

    /**
     * A message, which may be malformed.
     *
     * @return its text
     */
    public String message() {
        StringBuilder json = new StringBuilder(space()).append('{');
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            String field = one(FIELDS);
            json.append(i == 0 ? "" : ",")
                    .append(space())
                    .append('"')
                    .append(field)
                    .append("\":")
                    .append(space());
            json.append(random.nextInt(4) == 0 ? value(0) : expected(field)).append(space());
        }
        json.append('}').append(space());
        return random.nextInt(20) == 0 ? json.append(value(0)).toString() : json.toString();
    }

    private String expected(String field) {
        return switch (field) {
            case "type" -> '"' + one(TYPES) + '"';
            case "room" -> "\"room" + random.nextInt(5) + '"';
            case "volatile" -> random.nextBoolean() ? "true" : "false";
            case "offset" -> String.valueOf(random.nextInt(50));
            case "meta" -> "{\"a\":" + value(1) + '}';
            case "content" -> value(0);
            default -> '"' + field + random.nextInt(9) + '"';
        };
    }

    private String value(int depth) {
        return switch (random.nextInt(depth < DEEPEST ? 8 : 5)) {
            case 0 -> one(NUMBERS);
            case 1, 2 -> string();
            case 3 -> one(List.of("true", "false", "null", "tru", "NULL", "undefined"));
            case 4 -> String.valueOf(random.nextInt());
            case 5 -> list(depth);
            case 6 -> object(depth);
            default -> "[".repeat(1 + random.nextInt(80)) + "]".repeat(1 + random.nextInt(80));
        };
    }

    private String list(int depth) {
        StringBuilder list = new StringBuilder("[");
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            list.append(i == 0 ? "" : ",")
                    .append(space())
                    .append(value(depth + 1))
                    .append(space());
        }
        return list.append(']').toString();
    }

    private String object(int depth) {
        StringBuilder object = new StringBuilder("{");
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            object.append(i == 0 ? "" : ",").append(string()).append(':').append(value(depth + 1));
        }
        return object.append('}').toString();
    }

    private String string() {
        StringBuilder string = new StringBuilder("\"");
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            string.append(one(PIECES).repeat(random.nextInt(30) == 0 ? 300 : 1));
        }
        return string.append('"').toString();
    }

    private String space() {
        return one(SPACES);
    }

    private String one(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }
}
