package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import jakarta.websocket.CloseReason;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.ArgumentCaptor;

/** Against sessions that behave as the containers do: answer inline, later, by an exception, or not at all. */
class SessionTransportTest {

    private final Session session = mock(Session.class);
    private final RemoteEndpoint.Async remote = mock(RemoteEndpoint.Async.class);
    private final List<String> sent = new ArrayList<>();
    private final List<SendHandler> pending = new ArrayList<>();
    private final List<@Nullable Throwable> ends = new ArrayList<>();
    private final HardCut hardCut = mock(HardCut.class);
    private final SessionTransport transport =
            new SessionTransport(session, new SessionOutlet(session, hardCut, Runnable::run));

    @BeforeEach
    void open() {
        when(session.getAsyncRemote()).thenReturn(remote);
    }

    private void answersInline() {
        whenSending(handler -> handler.onResult(new SendResult()));
    }

    private void answersLater() {
        whenSending(pending::add);
    }

    private void whenSending(Consumer<SendHandler> answer) {
        doAnswer(call -> {
                    sent.add(call.getArgument(0));
                    answer.accept(call.getArgument(1));
                    return null;
                })
                .when(remote)
                .sendText(any(), any());
    }

    private void write(String... texts) {
        List<TextFrame> frames = new ArrayList<>();
        for (String text : texts) {
            frames.add(TextFrame.of(text));
        }
        transport.write(FrameBatch.of(frames), ends::add);
    }

    private CloseReason closedWith() throws IOException {
        ArgumentCaptor<CloseReason> reason = ArgumentCaptor.forClass(CloseReason.class);
        verify(session).close(reason.capture());
        return reason.getValue();
    }

    @Test
    void frames_go_out_in_order_and_the_completion_comes_once_after_the_last() {
        answersInline();
        write("a", "b", "c");
        assertEquals(List.of("a", "b", "c"), sent);
        assertEquals(Collections.singletonList(null), ends);
        write("d");
        assertEquals(List.of("a", "b", "c", "d"), sent);
        assertEquals(2, ends.size());
    }

    @Test
    void a_long_list_does_not_deepen_the_stack() {
        answersInline();
        write(Collections.nCopies(50_000, "x").toArray(String[]::new));
        assertEquals(50_000, sent.size());
        assertEquals(Collections.singletonList(null), ends);
    }

    @Test
    void only_one_send_is_in_flight() {
        answersLater();
        write("a", "b");
        assertEquals(List.of("a"), sent);
        pending.get(0).onResult(new SendResult());
        assertEquals(List.of("a", "b"), sent);
        assertTrue(ends.isEmpty());
        pending.get(1).onResult(new SendResult());
        assertEquals(Collections.singletonList(null), ends);
    }

    @Test
    void a_failure_ends_the_list_and_is_told() {
        answersLater();
        write("a", "b");
        IOException broken = new IOException("on purpose");
        pending.get(0).onResult(new SendResult(broken));
        assertEquals(List.of("a"), sent);
        assertSame(broken, ends.get(0));
    }

    @Test
    void a_container_that_throws_is_a_failure() {
        IllegalStateException closed = new IllegalStateException("on purpose");
        doThrow(closed).when(remote).sendText(any(), any());
        write("a", "b");
        assertEquals(List.of(closed), ends);
    }

    @Test
    void a_session_that_is_closed_is_a_failure() {
        when(session.getAsyncRemote()).thenThrow(new IllegalStateException("on purpose"));
        write("a");
        assertNotNull(ends.get(0));
        transport.ping(ends::add);
        assertNotNull(ends.get(1));
    }

    @Test
    void a_container_that_fails_twice_is_told_once() {
        doAnswer(call -> {
                    call.<SendHandler>getArgument(1).onResult(new SendResult(new IOException("on purpose")));
                    throw new IllegalStateException("and again");
                })
                .when(remote)
                .sendText(any(), any());
        write("a", "b");
        assertEquals(1, ends.size());
        assertNotNull(ends.get(0));
    }

    @Test
    void a_ping_is_empty_and_ends() throws IOException {
        transport.ping(ends::add);
        verify(remote).sendPing(ByteBuffer.allocate(0));
        assertEquals(Collections.singletonList(null), ends);
        doThrow(new IOException("on purpose")).when(remote).sendPing(any());
        transport.ping(ends::add);
        assertNotNull(ends.get(1));
    }

    @Test
    void a_close_waits_for_the_send_in_flight() throws IOException {
        answersLater();
        write("a", "b");
        transport.close(4008, "slow");
        pending.get(0).onResult(new SendResult());
        verify(session, never()).close(any());
        pending.get(1).onResult(new SendResult());
        assertEquals(4008, closedWith().getCloseCode().getCode());
        assertNull(ends.get(0));
        write("c");
        assertNotNull(ends.get(1));
        assertEquals(List.of("a", "b"), sent);
    }

    @Test
    void an_abort_does_not_wait() throws IOException {
        answersLater();
        write("a");
        transport.close(1001, "");
        transport.abort();
        verify(hardCut).cut(session);
        pending.get(0).onResult(new SendResult(new IOException("cut")));
        verify(session, never()).close(any());
        assertEquals(1, ends.size());
    }

    @Test
    void a_second_close_does_nothing() throws IOException {
        transport.close(1001, "first");
        transport.close(1000, "second");
        assertEquals("first", closedWith().getReasonPhrase());
    }

    @Test
    void a_close_that_throws_becomes_a_cut() throws IOException {
        doThrow(new IOException("on purpose")).when(session).close(any());
        transport.close(1000, "");
        verify(hardCut).cut(session);
    }

    @ParameterizedTest
    @CsvSource({"a, 200, 123", "ü, 100, 61", "世, 100, 41", "👩, 100, 30", "a, 123, 123", "a, 0, 0"})
    void a_reason_is_cut_between_characters(String character, int times, int left) {
        String reason = SessionTransport.shortened(character.repeat(times));
        assertEquals(character.repeat(left), reason);
        assertTrue(reason.getBytes(StandardCharsets.UTF_8).length <= 123);
    }

    @Test
    void a_reason_with_half_a_character_is_sent_all_the_same() throws IOException {
        transport.close(1000, "half \ud83d");
        assertEquals("half ?", closedWith().getReasonPhrase());
    }
}
