package dev.roomcast;

/** Sizes of text on the wire. */
final class Utf8 {

    private Utf8() {}

    /** How many bytes a text has in UTF-8, without encoding it. Half a character, which has no encoding, counts as three. */
    static int length(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                // Two chars of a pair make four bytes, any other char beyond 0x7FF makes three.
                bytes += c < 0x800 ? 1 : 2;
                i += pair ? 1 : 0;
            }
        }
        return bytes;
    }
}
