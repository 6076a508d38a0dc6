package dev.roomcast.guard;

import java.util.Optional;

/**
 * What a name of a user, a room or a message type may be: visible text on one line. Control characters and line breaks
 * could forge log lines; lone surrogates cannot be sent.
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
                : Optional.of("has a control character, a line break or half a character");
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                false;
            default -> true;
        };
    }
}
