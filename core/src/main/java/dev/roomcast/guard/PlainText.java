package dev.roomcast.guard;

/** What {@link Sanitizer#text()} drops. */
final class PlainText {

    private PlainText() {}

    static String clean(String text) {
        int first = firstFault(text, 0);
        if (first < 0) {
            return text;
        }
        StringBuilder clean = new StringBuilder(text.length());
        int kept = 0;
        for (int fault = first; fault >= 0; fault = firstFault(text, kept)) {
            clean.append(text, kept, fault);
            kept = fault + 1;
        }
        return clean.append(text, kept, text.length()).toString();
    }

    /**
     * Whether a JSON text may hold a string with something to drop: such a character itself, or an escape that may stand for
     * one.
     */
    static boolean mayNeedCleaning(String json) {
        return json.indexOf('\\') >= 0 || firstFault(json, 0) >= 0;
    }

    /** The first char to drop, at or after an index; -1 if there is none. */
    private static int firstFault(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f) {
                continue;
            }
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (Character.isSurrogate(c) || isControl(c) || isBidiOverride(c)) {
                return i;
            }
        }
        return -1;
    }

    /** Tab, newline and carriage return are layout. */
    private static boolean isControl(char c) {
        return Character.isISOControl(c) && c != '\t' && c != '\n' && c != '\r';
    }

    /**
     * LRE, RLE, PDF, LRO, RLO: Unicode Standard Annex 9 has isolates in their place, which cannot reach beyond their own
     * text.
     */
    private static boolean isBidiOverride(char c) {
        return c >= '\u202A' && c <= '\u202E';
    }
}
