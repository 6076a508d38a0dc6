package dev.roomcast.jakarta;

import static dev.roomcast.jakarta.behaviour.RawClient.BINARY;
import static dev.roomcast.jakarta.behaviour.RawClient.CONTINUATION;
import static dev.roomcast.jakarta.behaviour.RawClient.FIN;
import static dev.roomcast.jakarta.behaviour.RawClient.PING;
import static dev.roomcast.jakarta.behaviour.RawClient.PONG;
import static dev.roomcast.jakarta.behaviour.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.roomcast.jakarta.FrameGate.Verdict;
import dev.roomcast.jakarta.behaviour.RawClient;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class FrameGateTest {

    private static final int LIMIT = 100_000;

    private long now;
    private final FrameGate gate = gate(LIMIT);

    private FrameGate gate(int limit) {
        return new FrameGate(() -> limit, () -> now);
    }

    private int scan(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return gate.scan(ByteBuffer.wrap(all.toByteArray()));
    }

    @Test
    void frames_of_every_length_pass() {
        for (int length : new int[] {0, 1, 125, 126, 127, 65535, 65536, LIMIT}) {
            byte[] frame = RawClient.frame(FIN | TEXT, new byte[length]);
            assertEquals(frame.length, scan(frame), "length " + length);
            assertEquals(Verdict.SOUND, gate.verdict());
        }
    }

    @Test
    void one_byte_more_than_the_limit_is_too_big_and_what_came_before_it_is_sound() {
        byte[] before = RawClient.frame(FIN | TEXT, new byte[7]);
        assertEquals(before.length + 9, scan(before, RawClient.header(FIN | TEXT, LIMIT + 1)));
        assertEquals(Verdict.TOO_BIG, gate.verdict());
    }

    @Test
    void fragments_count_together_and_each_message_anew() {
        for (int i = 0; i < 3; i++) {
            scan(
                    RawClient.frame(BINARY, new byte[LIMIT / 2]),
                    RawClient.frame(FIN | CONTINUATION, new byte[LIMIT / 2]));
        }
        assertEquals(Verdict.SOUND, gate.verdict());
        scan(RawClient.frame(BINARY, new byte[LIMIT]), RawClient.frame(FIN | CONTINUATION, new byte[1]));
        assertEquals(Verdict.TOO_BIG, gate.verdict());
    }

    @Test
    void a_ping_within_a_message_does_not_count() {
        scan(
                RawClient.frame(TEXT, new byte[LIMIT]),
                RawClient.frame(FIN | PING, new byte[125]),
                RawClient.frame(FIN | CONTINUATION, new byte[0]));
        assertEquals(Verdict.SOUND, gate.verdict());
    }

    @Test
    void what_has_come_of_a_message_is_known_until_it_is_whole() {
        byte[] frame = RawClient.frame(FIN | TEXT, new byte[100]);
        scan(frame);
        assertEquals(0, gate.unfinished());
        scan(RawClient.frame(TEXT, new byte[1000]), RawClient.frame(FIN | PING, new byte[100]));
        assertEquals(1004, gate.unfinished());
        byte[] rest = RawClient.frame(FIN | CONTINUATION, new byte[2000]);
        gate.scan(ByteBuffer.wrap(rest, 0, 508));
        assertEquals(1508, gate.unfinished());
        gate.scan(ByteBuffer.wrap(rest, 508, rest.length - 508));
        assertEquals(0, gate.unfinished());
        scan(RawClient.frame(TEXT, new byte[1000]), RawClient.header(FIN | CONTINUATION, LIMIT));
        assertEquals(Verdict.TOO_BIG, gate.verdict());
        assertEquals(0, gate.unfinished());
    }

    @Test
    void the_largest_claim_of_all_is_too_big_and_a_negative_one_broken() {
        scan(RawClient.header(FIN | TEXT, Long.MAX_VALUE));
        assertEquals(Verdict.TOO_BIG, gate.verdict());
        FrameGate other = gate(Integer.MAX_VALUE);
        other.scan(ByteBuffer.wrap(RawClient.header(FIN | TEXT, Long.MIN_VALUE)));
        assertEquals(Verdict.BROKEN, other.verdict());
    }

    @Test
    void frames_that_no_client_may_send_are_broken() {
        assertBroken(0x81, 0x01, 'a');
        assertBroken(PING, 0x80);
        assertBroken(FIN | PING, 0xfe, 0, 126);
    }

    /** RFC 6455 5.2. */
    @Test
    void a_length_that_is_not_in_its_shortest_form_is_broken() {
        assertBroken(FIN | TEXT, 0xfe, 0, 1);
        assertBroken(FIN | TEXT, 0xfe, 0, 125);
        assertBroken(FIN | TEXT, 0xff, 0, 0, 0, 0, 0, 0, 0, 1);
        assertBroken(FIN | TEXT, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
        assertBroken(FIN | PING, 0xfe, 0, 1);
    }

    private void assertBroken(int... bytes) {
        FrameGate gate = gate(LIMIT);
        ByteBuffer data = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            data.put((byte) b);
        }
        gate.scan(data.flip());
        assertEquals(Verdict.BROKEN, gate.verdict());
    }

    /** Each was answered, 200,000 a second. */
    @Test
    void more_pings_than_expected_within_a_second_are_too_many() {
        gate.limit(() -> LIMIT, 10);
        byte[] ping = RawClient.frame(FIN | PING, new byte[3]);
        for (int second = 0; second < 5; second++) {
            for (int i = 0; i < 10; i++) {
                assertEquals(ping.length, scan(ping));
            }
            now += 1_000_000_000;
        }
        assertEquals(Verdict.SOUND, gate.verdict());
        for (int i = 0; i < 10; i++) {
            scan(ping);
        }
        assertEquals(Verdict.SOUND, gate.verdict());
        assertEquals(1, scan(ping), "nothing but the beginning of its header is sound");
        assertEquals(Verdict.TOO_MANY, gate.verdict());
    }

    @Test
    void so_are_fragments_that_say_nothing_and_end_nothing() {
        gate.limit(() -> LIMIT, 10);
        byte[] pong = RawClient.frame(FIN | PONG, new byte[0]);
        byte[] whole = RawClient.frame(FIN | TEXT, new byte[0]);
        for (int i = 0; i < 20; i++) {
            scan(pong, whole, RawClient.frame(TEXT, new byte[1]), RawClient.frame(FIN | CONTINUATION, new byte[0]));
        }
        assertEquals(Verdict.SOUND, gate.verdict());
        scan(RawClient.frame(TEXT, new byte[0]));
        for (int i = 0; i < 10; i++) {
            scan(RawClient.frame(CONTINUATION, new byte[0]));
        }
        assertEquals(Verdict.TOO_MANY, gate.verdict());
    }

    /** However the network cuts the bytes up, the same ones are sound and the verdict is the same. */
    @RepeatedTest(50)
    void the_verdict_does_not_depend_on_how_the_bytes_are_cut(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < 50; i++) {
            int opcode = new int[] {TEXT, BINARY, CONTINUATION, PING}[random.nextInt(4)];
            int fin = opcode == PING || random.nextBoolean() ? FIN : 0;
            int length = opcode == PING ? random.nextInt(126) : random.nextInt(random.nextInt(20) == 0 ? 80_000 : 300);
            stream.writeBytes(RawClient.frame(fin | opcode, new byte[length]));
        }
        if (random.nextBoolean()) {
            stream.writeBytes(RawClient.header(FIN | TEXT, LIMIT + 1 + random.nextInt(1000)));
        }
        byte[] bytes = stream.toByteArray();
        int whole = gate.scan(ByteBuffer.wrap(bytes));

        FrameGate cut = gate(LIMIT);
        int at = 0;
        int sound = 0;
        while (at < bytes.length && cut.verdict() == Verdict.SOUND) {
            int step = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 5000));
            sound = cut.scan(ByteBuffer.wrap(bytes, at, step));
            at += step;
        }
        assertEquals(gate.verdict(), cut.verdict());
        assertEquals(whole, sound);
    }
}
