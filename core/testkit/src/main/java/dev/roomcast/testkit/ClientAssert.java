package dev.roomcast.testkit;

import dev.roomcast.CloseCode;
import dev.roomcast.ErrorCode;
import java.util.Arrays;
import java.util.List;

/**
 * Asserts what a client saw, in sentences. Each assertion waits up to ten seconds of real time for what it expects, and
 * returns at once when it is there. Assertions chain.
 */
public final class ClientAssert {

    private final FakeClient client;

    private ClientAssert(FakeClient client) {
        this.client = client;
    }

    /**
     * Starts a sentence.
     *
     * @param client of whom it speaks
     * @return what can be said of it
     */
    public static ClientAssert assertThat(FakeClient client) {
        return new ClientAssert(client);
    }

    /**
     * The contents of its {@code chat} messages are exactly these, in this order.
     *
     * @param contents what was said, as text
     * @return this
     */
    public ClientAssert received(String... contents) {
        List<String> expected = Arrays.asList(contents);
        client.await("chat messages " + expected, c -> chats(c).size() >= expected.size());
        equal("chat messages", expected, chats(client));
        return this;
    }

    /**
     * The types of all its frames are exactly these, in this order.
     *
     * @param types the types
     * @return this
     */
    public ClientAssert receivedTypes(String... types) {
        List<String> expected = Arrays.asList(types);
        client.await("frames " + expected, c -> types(c).size() >= expected.size());
        equal("types of frames", expected, types(client));
        return this;
    }

    /**
     * Nothing at all came (since {@link FakeClient#forget()}).
     *
     * @return this
     */
    public ClientAssert receivedNothing() {
        equal("types of frames", List.of(), types(client));
        return this;
    }

    /**
     * It was told of an error.
     *
     * @param code which, the newest
     * @return this
     */
    public ClientAssert wasRefused(ErrorCode code) {
        client.await(
                "an error " + code.wireName(),
                c -> c.frames("error").stream()
                        .anyMatch(frame -> frame.text("code").equals(code.wireName())));
        return this;
    }

    /**
     * It was closed by the hub.
     *
     * @param code why
     * @return this
     */
    public ClientAssert wasClosed(CloseCode code) {
        client.await("a close", c -> c.closeCode().isPresent());
        equal("close code", code.code(), client.closeCode().orElseThrow());
        return this;
    }

    /**
     * It was cut without a closing handshake.
     *
     * @return this
     */
    public ClientAssert wasCut() {
        client.await("an abort", FakeClient::isAborted);
        return this;
    }

    /**
     * It was neither closed nor cut.
     *
     * @return this
     */
    public ClientAssert isOpen() {
        if (client.closeCode().isPresent() || client.isAborted()) {
            throw new AssertionError("expected an open connection, but it was closed: " + client.closeCode());
        }
        return this;
    }

    /**
     * The offsets of its room messages rise by one, from the first that it saw.
     *
     * @return this
     */
    public ClientAssert sawEveryOffsetInOrder() {
        List<Long> offsets = client.frames().stream()
                .filter(frame -> frame.get("content") != null || frame.fields().containsKey("content"))
                .map(frame -> frame.number("offset"))
                .filter(offset -> offset >= 0)
                .toList();
        for (int i = 1; i < offsets.size(); i++) {
            if (offsets.get(i) != offsets.get(i - 1) + 1) {
                throw new AssertionError("offset " + offsets.get(i) + " follows " + offsets.get(i - 1));
            }
        }
        return this;
    }

    private static List<String> chats(FakeClient client) {
        return client.frames("chat").stream()
                .map(frame -> frame.text("content"))
                .toList();
    }

    private static List<String> types(FakeClient client) {
        return client.frames().stream().map(Received::type).toList();
    }

    private static void equal(String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError(what + ": expected " + expected + ", but was " + actual);
        }
    }
}
