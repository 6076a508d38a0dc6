package dev.roomcast.guard;

import java.util.Optional;

/**
 * What a name of a user, a room or a message type may be: visible text on one line. Control characters and line breaks
 * could forge log lines, bidirectional overrides can make one name read like another, and lone surrogates cannot be sent.
 * Names are refused rather than cleaned, since a cleaned name may be somebody else's.
 */
public final class Names {

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
        return name.codePoints().allMatch(Names::isVisible)
                ? Optional.empty()
                : Optional.of("has a control character, a line break, a bidirectional override or half a character");
    }

    private static boolean isVisible(int codePoint) {
        if (codePoint >= 0x202A && codePoint <= 0x202E) {
            return false;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            default -> true;
        };
    }
}
