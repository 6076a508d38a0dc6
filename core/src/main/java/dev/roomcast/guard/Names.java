package dev.roomcast.guard;

import java.util.Optional;

/**
 * What a name of a user, a room or a message type may be: visible text on one line. Control characters and line breaks
 * could forge log lines, bidirectional overrides and open isolates can make one name, or what stands beside it, read like
 * another, a name of invisible characters is nobody's, and lone surrogates cannot be sent.
 * Names are refused rather than cleaned, since a cleaned name may be somebody else's.
 */
public final class Names {

    /** Letters and symbols that are shown as nothing: Hangul fillers, the empty Braille pattern. */
    private static final String BLANK = "\u115F\u1160\u3164\uFFA0\u2800";

    private Names() {}

    /**
     * Judges a name.
     *
     * @param name the name
     * @param longest how many characters it may have
     * @return what is wrong, as the end of a sentence, without the name itself; empty if nothing is
     */
    public static Optional<String> fault(String name, int longest) {
        if (name.isBlank()) {
            return Optional.of("is empty");
        }
        if (name.length() > longest) {
            return Optional.of("is longer than " + longest + " characters");
        }
        if (!name.codePoints().allMatch(Names::isAllowed)) {
            return Optional.of("has a control character, a line break, a bidirectional override or half a character");
        }
        if (name.codePoints().noneMatch(Names::isVisible)) {
            return Optional.of("has nothing to see");
        }
        return isolatesAreClosed(name)
                ? Optional.empty()
                : Optional.of("has a bidirectional isolate that is not closed");
    }

    private static boolean isAllowed(int codePoint) {
        if (codePoint >= 0x202A && codePoint <= 0x202E) {
            return false;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            default -> true;
        };
    }

    /** Whether a character shows by itself: no space, no joiner, no mark that needs another, none of the blank letters. */
    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.SPACE_SEPARATOR, Character.FORMAT, Character.NON_SPACING_MARK, Character.ENCLOSING_MARK ->
                false;
            default -> BLANK.indexOf(codePoint) < 0;
        };
    }

    /** An isolate that stays open reaches into what is shown behind the name, and one that closes too much out of it. */
    private static boolean isolatesAreClosed(String name) {
        int open = 0;
        for (int i = 0; i < name.length() && open >= 0; i++) {
            char c = name.charAt(i);
            if (c >= '\u2066' && c <= '\u2068') {
                open++;
            } else if (c == '\u2069') {
                open--;
            }
        }
        return open == 0;
    }
}
