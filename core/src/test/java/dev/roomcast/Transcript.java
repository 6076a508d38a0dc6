package dev.roomcast;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One conversation of {@code PROTOCOL.md}: a fenced block of the language {@code transcript}, under the heading above it.
 *
 * @param title the heading
 * @param lines what happens, in order, without comments and empty lines
 */
record Transcript(String title, List<String> lines) {

    static final Path PAGE = Path.of("PROTOCOL.md");

    private static final Pattern PART = Pattern.compile("(?ms)^#+ ([^\n]+)$|^```transcript\n(.*?)^```$");

    static String page() throws IOException {
        return Files.readString(PAGE);
    }

    /** All of a page, in order. Of several under one heading the later ones are numbered. */
    static List<Transcript> of(String page) {
        List<Transcript> found = new ArrayList<>();
        Matcher part = PART.matcher(page);
        String title = "";
        int number = 1;
        while (part.find()) {
            if (part.group(1) != null) {
                title = part.group(1);
                number = 1;
            } else {
                String name = number++ == 1 ? title : title + " " + (number - 1);
                found.add(new Transcript(
                        name,
                        part.group(2)
                                .lines()
                                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                                .toList()));
            }
        }
        return found;
    }

    @Override
    public String toString() {
        return title;
    }
}
