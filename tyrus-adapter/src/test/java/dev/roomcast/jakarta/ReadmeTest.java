package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Limit;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows compiles, and what it says of limits is so. */
class ReadmeTest {

    private static final Path README = Path.of("..", "README.md");

    /** What only some blocks speak of, and says itself where it is. */
    private static final String TOMCAT = """
            import org.apache.catalina.Context;
            import org.apache.catalina.servlets.DefaultServlet;
            import org.apache.catalina.startup.Tomcat;
            import org.apache.tomcat.websocket.server.WsSci;
            import java.time.Instant;
            """;

    /** What the README calls accounts: the login of the application that embeds the hub. */
    private static final String ACCOUNTS = """
            interface Account { String name(); Instant expiresAt(); }
            interface Accounts {
                CompletionStage<Account> verify(String token);
                CompletionStage<Boolean> isMember(String user, String room);
            }
            """;

    @TempDir
    Path classes;

    @Test
    void every_java_block_compiles() throws IOException {
        List<JavaFileObject> sources = new ArrayList<>();
        String imports = imports();
        for (String block : blocks("java")) {
            String name = "Block" + sources.size();
            String body =
                    block.startsWith("import ") ? "" : block.contains("class ") ? whole(block) : method(name, block);
            sources.add(source(name, imports + TOMCAT + body));
        }
        assertTrue(sources.size() >= 8, "blocks found: " + sources.size());
        DiagnosticCollector<JavaFileObject> faults = new DiagnosticCollector<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> options =
                List.of("-proc:none", "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"));
        compiler.getTask(null, null, faults, options, null, sources).call();
        assertEquals(
                List.of(),
                faults.getDiagnostics().stream()
                        .filter(fault -> fault.getKind() == Diagnostic.Kind.ERROR)
                        .map(Object::toString)
                        .toList());
    }

    @Test
    void the_table_of_limits_is_the_list_of_limits() throws IOException {
        Map<String, String> shown = new LinkedHashMap<>();
        Matcher row =
                Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| ([^|]+) \\| .+\\|$").matcher(Files.readString(README));
        while (row.find()) {
            shown.put(row.group(1), row.group(2));
        }
        Map<String, String> real = Arrays.stream(Limit.values())
                .collect(Collectors.toMap(Limit::name, ReadmeTest::value, (a, b) -> a, LinkedHashMap::new));
        assertEquals(real, shown);
    }

    private static String value(Limit limit) {
        if (limit == Limit.MEMORY_BYTES) {
            return "a third of the heap";
        }
        long value = limit.defaultValue();
        return switch (limit.unit()) {
            case COUNT -> Long.toString(value);
            case MILLIS -> value / 1000 + " s";
            case BYTES -> value < 1 << 20 ? (value >> 10) + " KiB" : (value >> 20) + " MiB";
        };
    }

    private static List<String> blocks(String language) throws IOException {
        Matcher block = Pattern.compile("(?s)```" + language + "\n(.*?)```").matcher(Files.readString(README));
        List<String> found = new ArrayList<>();
        while (block.find()) {
            found.add(block.group(1));
        }
        return found;
    }

    /** The block that shows what the others need. */
    private static String imports() throws IOException {
        return blocks("java").stream()
                .filter(block -> block.startsWith("import "))
                .findFirst()
                .orElseThrow();
    }

    /** A block that is a class of its own, in a package per block, without its modifier so that the file may be named at will. */
    private static String whole(String block) {
        return block.replace("public final class", "final class");
    }

    /** A block of statements; what the text around it speaks of is a parameter. */
    private static String method(String name, String block) {
        String parameters = "ServerContainer serverContainer, Accounts accounts, Context context"
                + (block.contains("Rooms rooms =") ? "" : ", Rooms rooms");
        return "final class " + name + " {" + ACCOUNTS + "void run(" + parameters + ") throws Exception {\n" + block
                + "}}";
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }
}
