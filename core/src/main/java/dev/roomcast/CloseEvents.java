package dev.roomcast;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** What RFC 6455 says of closing, as far as the hub needs it. */
final class CloseEvents {

    /** Section 7.1.5: reported when a connection ended without a closing handshake; never sent. */
    static final int ABNORMAL = 1006;

    /** Section 5.5: a control frame carries 125 bytes, two of which are the code. */
    private static final int REASON_BYTES = 123;

    private CloseEvents() {}

    /** Cuts a reason to what fits into a close frame, between two characters. */
    static String shorten(String reason) {
        CharsetEncoder encoder = StandardCharsets.UTF_8
                .newEncoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        ByteBuffer bytes = ByteBuffer.allocate(REASON_BYTES);
        encoder.encode(CharBuffer.wrap(reason), bytes, true);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }
}
