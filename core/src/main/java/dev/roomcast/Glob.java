package dev.roomcast;

/**
 * A pattern of names in which {@code *} stands for any characters, or none.
 *
 * <p>Not a regular expression: that tries every way to share a name among the stars, and clients choose the names of rooms.
 * With four stars and a name of 255 characters one look took seconds.
 */
final class Glob {

    private final String pattern;

    Glob(String pattern) {
        this.pattern = pattern;
    }

    /** Whether a name is one of these. Takes at most as many steps as the product of the two lengths. */
    boolean matches(String name) {
        int at = 0;
        int in = 0;
        // The last star seen, and where the text begins that stands behind it: only that one is ever tried anew.
        int star = -1;
        int behindStar = 0;
        while (at < name.length()) {
            if (in < pattern.length() && pattern.charAt(in) == '*') {
                star = in++;
                behindStar = at;
            } else if (in < pattern.length() && pattern.charAt(in) == name.charAt(at)) {
                in++;
                at++;
            } else if (star >= 0) {
                in = star + 1;
                at = ++behindStar;
            } else {
                return false;
            }
        }
        while (in < pattern.length() && pattern.charAt(in) == '*') {
            in++;
        }
        return in == pattern.length();
    }
}
