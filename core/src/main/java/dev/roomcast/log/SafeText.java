package dev.roomcast.log;

/** Text from outside as it may stand in a log: on one line, of bounded length, and shown as it is. */
public final class SafeText {

    private static final int MOST = 300;

    private SafeText() {}

    /**
     * Escapes control characters, line separators, invisible formatting (bidi overrides for one) and lone surrogates as
     * {@code \}{@code uXXXX}, and shortens what is longer than {@value #MOST} characters.
     *
     * @param text the text
     * @return the text, safe to log
     */
    public static String of(String text) {
        int length = Math.min(text.length(), MOST);
        StringBuilder safe = new StringBuilder(length + 16);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (isSafe(text, i, c)) {
                safe.append(c);
            } else {
                safe.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.length() > MOST
                ? safe.append("… (").append(text.length()).append(')').toString()
                : safe.toString();
    }

    private static boolean isSafe(String text, int at, char c) {
        if (Character.isHighSurrogate(c)) {
            return at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
