package dev.roomcast.redis;

import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import dev.roomcast.message.Exclusion;
import dev.roomcast.message.Message;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Makes up what instances write to Redis: well-formed, with chosen values at the limits. */
final class EnvelopeInput {

    static final String ROOM = "lobby";

    private static final List<String> TEXTS = List.of("", "u", "chat", "uü", "\uD83D\uDE00", "\u0000", "x".repeat(300));
    private static final List<String> CONTENTS =
            List.of("1", "null", "\"text\"", "{\"a\":[1,2]}", "[" + "7,".repeat(500) + "7]");
    private static final long[] NUMBERS = {0, 1, 2, 7, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 52, 1L << 32, 255};

    private final Random random;

    EnvelopeInput(Random random) {
        this.random = random;
    }

    byte[] envelope() {
        return switch (random.nextInt(3)) {
            case 0 -> batch();
            case 1 -> Envelope.passing(message());
            default -> news();
        };
    }

    byte[] signal() {
        Signal signal = switch (random.nextInt(5)) {
            case 0 -> new Signal.Send(text(), text(), content(), number());
            case 1 -> new Signal.Disconnect(text(), (int) number(), text());
            case 2 -> new Signal.Recheck(text());
            case 3 -> new Signal.Evict(text(), text());
            default -> new Signal.Spent(text(), 1 + random.nextInt(100));
        };
        return SignalCodec.encode(signal, number());
    }

    private byte[] batch() {
        int count = 1 + random.nextInt(3);
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            messages.writeBytes(MessageCodec.encode(message()));
        }
        byte[] epoch = "e1".repeat(random.nextInt(4)).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(3 + epoch.length + 5 * Long.BYTES + 2 + messages.size())
                .put(Envelope.VERSION)
                .put(Envelope.BATCH)
                .put((byte) epoch.length)
                .put(epoch)
                .putLong(number())
                .putLong(number())
                .putLong(number())
                .putLong(number())
                .putLong(number())
                .putShort((short) count)
                .put(messages.toByteArray())
                .array();
    }

    private byte[] news() {
        byte[] user = text().getBytes(StandardCharsets.UTF_8);
        byte[] meta = random.nextBoolean() ? new byte[0] : "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + 8 + 2 + 8 + 4 + 2 + user.length + 1 + 4 + meta.length)
                .put(Envelope.VERSION)
                .put(Envelope.ROSTER)
                .putLong(number())
                .put((byte) random.nextInt(5))
                .put((byte) random.nextInt(5))
                .putLong(number())
                .putInt((int) number())
                .putShort((short) user.length)
                .put(user)
                .put((byte) (meta.length == 0 ? 0 : 1))
                .putInt(meta.length)
                .put(meta)
                .array();
    }

    private Message message() {
        Message message = Message.of(random.nextBoolean() ? "chat" : "move", content());
        message = random.nextBoolean() ? message : message.from(text());
        message = random.nextInt(3) > 0 ? message : message.excluding(new Exclusion(text(), text()));
        return switch (random.nextInt(3)) {
            case 0 -> message.id("id").in(ROOM, number());
            case 1 -> message.latestOf("k").in(ROOM, number());
            default -> message.in(ROOM, number());
        };
    }

    private Content content() {
        return Content.ofCheckedJson(one(CONTENTS));
    }

    private String text() {
        return one(TEXTS);
    }

    private String one(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }

    private long number() {
        return random.nextInt(3) == 0 ? random.nextLong() : NUMBERS[random.nextInt(NUMBERS.length)];
    }
}
