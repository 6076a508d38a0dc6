package dev.roomcast.jakarta.behaviour;

import static dev.roomcast.jakarta.behaviour.RawClient.CONTINUATION;
import static dev.roomcast.jakarta.behaviour.RawClient.FIN;
import static dev.roomcast.jakarta.behaviour.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.Limit;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client may make the server hold before anybody knows who it is: {@code LOGIN_BYTES}. */
class StrangerTest {

    private static final int BYTES = (int) Limit.LOGIN_BYTES.defaultValue();

    private final Site site = Site.open(hub -> hub.authenticator(
            Authenticator.token(token -> CompletableFuture.completedFuture(Identity.of(token.substring(0, 3))))));

    @AfterEach
    void close() {
        site.close();
    }

    private RawClient stranger() {
        return RawClient.connect(site.port(), "room=lobby");
    }

    private static String auth(int bytes) {
        String token = "ann" + "x".repeat(bytes);
        String message = "{\"type\":\"auth\",\"token\":\"" + token + "\"}";
        return "{\"type\":\"auth\",\"token\":\"" + token.substring(message.length() - bytes) + "\"}";
    }

    /** 2,500 of them, each with 64 KiB of a message that never ended, were the end of a server of 256 MB. */
    @Test
    void a_frame_that_claims_more_is_refused_at_its_first_bytes() {
        RawClient client = stranger().sendBytes(RawClient.header(FIN | TEXT, BYTES + 1));
        assertEquals(1008, client.expectClose());
        assertEquals(1, site.stats().hits(Limit.LOGIN_BYTES));
    }

    @Test
    void fragments_count_together() {
        RawClient client = stranger().send(TEXT, new byte[BYTES / 2 + 1]).send(CONTINUATION, new byte[BYTES / 2]);
        assertEquals(1008, client.expectClose());
    }

    @Test
    void one_byte_too_many_is_noticed_by_the_hub() {
        assertEquals(1008, stranger().sendText(auth(BYTES + 1)).expectClose());
        assertEquals(1, site.stats().hits(Limit.LOGIN_BYTES));
    }

    @Test
    void a_token_as_large_as_it_may_be_lets_in_and_then_messages_may_be_larger() {
        try (RawClient client = stranger()) {
            client.sendInFragments(auth(BYTES), 5);
            client.nextContaining("user_joined");
            client.sendText("{\"content\":\"" + "a".repeat(60_000) + "\"}");
            client.nextContaining("aaaa");
            client.sendInFragments("{\"content\":\"" + "b".repeat(60_000) + "\"}", 5);
            client.nextContaining("bbbb");
        }
    }
}
