package dev.roomcast.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.Rooms;
import dev.roomcast.client.RoomcastClient;
import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** On the module path the library is modules, and a hub can be built there. */
class ModulesTest {

    @Test
    void the_modules_resolve_and_a_hub_lives_in_them() throws Exception {
        // The test's own class path, without what only tests need and what holds no module.
        Path[] path = Stream.concat(
                        Stream.of(Path.of("target", "classes")),
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(Path::of)
                                .filter(ModulesTest::isOurs))
                .toArray(Path[]::new);
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration = boot.configuration()
                .resolve(
                        ModuleFinder.of(path),
                        ModuleFinder.of(),
                        Set.of("dev.roomcast.jakarta", "dev.roomcast.client"));
        ModuleLayer layer = boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
        Class<?> rooms = layer.findLoader("dev.roomcast").loadClass(Rooms.class.getName());
        assertNotSame(Rooms.class, rooms);
        assertEquals("dev.roomcast", rooms.getModule().getName());
        Object builder = rooms.getMethod("builder").invoke(null);
        try (AutoCloseable hub =
                (AutoCloseable) builder.getClass().getMethod("build").invoke(builder)) {
            assertTrue(hub.getClass().getModule().isNamed());
        }
        layer.findLoader("dev.roomcast.jakarta").loadClass(RoomEndpoint.class.getName());
        Class<?> client = layer.findLoader("dev.roomcast.client").loadClass(RoomcastClient.class.getName());
        client.getMethod("connect", URI.class).invoke(null, URI.create("ws://localhost/rooms"));
    }

    private static boolean isOurs(Path entry) {
        String name = entry.toString().replace('\\', '/');
        return name.contains("roomcast-core")
                || name.contains("roomcast-client")
                || name.endsWith("core/target/classes")
                || name.endsWith("core/client/target/classes")
                || name.matches(
                        ".*/(jackson-(core|databind|annotations)|jakarta\\.websocket-(client-)?api)-[^/]*\\.jar");
    }
}
