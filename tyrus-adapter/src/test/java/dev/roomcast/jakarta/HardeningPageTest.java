package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code HARDENING.md} names tests and turns of the siege that exist, and all the turns. */
class HardeningPageTest {

    private static final Path ROOT = Path.of("..");

    @Test
    void every_test_that_the_page_names_exists() throws IOException {
        Set<String> tests = names("`([A-Z][A-Za-z]+Test)`", tables());
        assertTrue(tests.size() > 10, tests::toString);
        tests.removeAll(sources());
        assertEquals(Set.of(), tests);
    }

    @Test
    void the_page_names_the_turns_of_the_siege() throws IOException {
        String turns = Files.readString(ROOT.resolve("examples/siege/src/test/java/com/example/siege/Turn.java"));
        assertEquals(names("(?m)^    ([A-Z_]+)\\(", turns), names("`([A-Z_]+)`", tables()));
    }

    private static String tables() throws IOException {
        String page = Files.readString(Path.of("HARDENING.md"));
        int from = page.indexOf("## Tried and held");
        return page.substring(page.indexOf("### ", from), page.indexOf("## Fuzzing"));
    }

    private static Set<String> names(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.results().map(found -> found.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> sources() throws IOException {
        Set<String> names = new TreeSet<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            /** Builds of other modules change their targets meanwhile. */
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                return name.equals("target") || (name.startsWith(".") && !folder.equals(ROOT))
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                if (name.endsWith("Test.java")) {
                    names.add(name.substring(0, name.length() - ".java".length()));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return names;
    }
}
