package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import dev.roomcast.transport.FrameBatch;
import dev.roomcast.transport.TextFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.glassfish.grizzly.Buffer;
import org.glassfish.grizzly.CompletionHandler;
import org.glassfish.grizzly.WriteResult;
import org.glassfish.grizzly.memory.HeapMemoryManager;
import org.glassfish.grizzly.nio.NIOConnection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Before a kernel that takes as much as it is told to, and a Grizzly that finishes when it is told to. */
@SuppressWarnings({"unchecked", "rawtypes"})
class SocketWriterTest {

    private final SocketChannel channel = mock(SocketChannel.class);
    private final NIOConnection connection = mock(NIOConnection.class);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Runnable> handedOver = new ArrayList<>();
    private final List<@Nullable Throwable> ends = new ArrayList<>();
    private int kernelTakes = Integer.MAX_VALUE;
    private SocketWriter writer;

    @BeforeEach
    void open() throws IOException {
        when(connection.getChannel()).thenReturn(channel);
        doReturn(new HeapMemoryManager()).when(connection).getMemoryManager();
        when(channel.write(any(ByteBuffer.class))).thenAnswer(call -> {
            ByteBuffer bytes = call.getArgument(0);
            int taken = Math.min(kernelTakes, bytes.remaining());
            kernelTakes -= taken;
            for (int i = 0; i < taken; i++) {
                out.write(bytes.get());
            }
            return taken;
        });
        doAnswer(call -> {
                    Buffer rest = call.getArgument(0);
                    CompletionHandler<WriteResult> handler = call.getArgument(1);
                    handedOver.add(() -> {
                        while (rest.hasRemaining()) {
                            out.write(rest.get());
                        }
                        handler.completed(null);
                    });
                    return null;
                })
                .when(connection)
                .write(any(), any(CompletionHandler.class));
        writer = new SocketWriter(connection, 10);
    }

    private static FrameBatch batch(String text) {
        return FrameBatch.of(TextFrame.of(text));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private String written() {
        return out.toString(StandardCharsets.ISO_8859_1).replaceAll("[^a-z]", "");
    }

    @Test
    void nothing_goes_out_before_the_answer_to_the_handshake() throws IOException {
        writer.write(batch("abc"), ends::add);
        writer.write(bytes("pong"), false, ends::add);
        verify(channel, never()).write(any(ByteBuffer.class));
        writer.start();
        assertEquals("abcpong", written());
        assertEquals(2, ends.size());
    }

    @Test
    void what_the_kernel_takes_whole_is_one_write_on_the_callers_thread() throws IOException {
        writer.start();
        writer.write(batch("abc"), ends::add);
        assertEquals(1, ends.size());
        assertNull(ends.get(0));
        verify(channel, times(1)).write(any(ByteBuffer.class));
        verify(connection, never()).write(any(), any(CompletionHandler.class));
    }

    @Test
    void behind_a_half_taken_frame_everything_waits_in_order() {
        writer.start();
        kernelTakes = 4;
        writer.write(batch("abcdef"), ends::add);
        writer.write(bytes("pong"), false, ends::add);
        writer.write(batch("second"), ends::add);
        assertEquals("ab", written());
        assertTrue(ends.isEmpty());
        kernelTakes = Integer.MAX_VALUE;
        handedOver.remove(0).run();
        assertEquals("abcdefpongsecond", written());
        assertEquals(3, ends.size());
        assertTrue(handedOver.isEmpty());
    }

    @Test
    void after_the_close_frame_no_message_goes_out() {
        writer.start();
        kernelTakes = 3;
        writer.write(batch("abcdef"), ends::add);
        writer.write(bytes("close"), true, ends::add);
        writer.write(batch("late"), ends::add);
        assertInstanceOf(IOException.class, ends.get(0));
        kernelTakes = Integer.MAX_VALUE;
        handedOver.remove(0).run();
        assertEquals("abcdefclose", written());
    }

    @Test
    void a_socket_that_is_gone_fails_all_that_waits_each_once() throws IOException {
        writer.start();
        kernelTakes = 3;
        writer.write(batch("abcdef"), ends::add);
        writer.write(batch("second"), ends::add);
        writer.write(bytes("pong"), false, ends::add);
        doAnswer(call -> {
                    throw new ClosedChannelException();
                })
                .when(channel)
                .write(any(ByteBuffer.class));
        handedOver.remove(0).run();
        assertEquals(3, ends.size());
        assertNull(ends.get(0));
        assertInstanceOf(ClosedChannelException.class, ends.get(1));
        assertInstanceOf(ClosedChannelException.class, ends.get(2));
    }

    @Test
    void a_completion_may_write_again() {
        writer.start();
        writer.write(batch("first"), failure -> writer.write(batch("second"), ends::add));
        assertEquals("firstsecond", written());
        assertEquals(1, ends.size());
    }

    /** Each write that had waited was begun in the completion of the one before, and a long queue overflowed the stack. */
    @Test
    void a_long_queue_does_not_deepen_the_stack() {
        for (int i = 0; i < 50_000; i++) {
            writer.write(bytes("x"), false, ends::add);
        }
        writer.start();
        assertEquals(50_000, ends.size());
    }

    @Test
    void a_completion_that_throws_holds_up_nothing() {
        writer.write(bytes("first"), false, failure -> {
            throw new IllegalStateException("on purpose");
        });
        writer.write(bytes("second"), false, ends::add);
        writer.start();
        assertEquals("firstsecond", written());
        assertEquals(1, ends.size());
    }

    @Test
    void a_flood_is_noticed() {
        writer.start();
        kernelTakes = 3;
        writer.write(batch("abcdef"), ends::add);
        for (int i = 0; i < 10; i++) {
            writer.write(bytes("pong"), false, ends::add);
        }
        assertFalse(writer.isFlooded());
        writer.write(bytes("pong"), false, ends::add);
        assertTrue(writer.isFlooded());
    }

    @Test
    void writes_from_many_threads_never_cut_into_each_other() throws Exception {
        writer.start();
        List<Thread> threads = new ArrayList<>();
        for (char c = 'a'; c < 'e'; c++) {
            FrameBatch mine = batch(String.valueOf(c).repeat(50));
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    writer.write(mine, failure -> {
                        synchronized (ends) {
                            ends.add(failure);
                        }
                    });
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        await().until(() -> {
            synchronized (ends) {
                return ends.size() == 2000;
            }
        });
        String all = written();
        for (int at = 0; at < all.length(); at += 50) {
            assertEquals(all.substring(at, at + 1).repeat(50), all.substring(at, at + 50));
        }
        assertEquals(100_000, all.length());
    }
}
