package com.example.loadtest;

import com.example.loadtest.peers.NioPeer;
import com.example.loadtest.peers.RoomcastServer;
import com.example.loadtest.peers.TyrusPeer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The servers that are compared. All of them speak the same messages, so one checker serves for all. */
enum Contender {
    ROOMCAST("roomcast", "Roomcast on Tyrus", RoomcastServer.class),
    WS_LOOP("ws-loop", "Node ws, a send for each member", null),
    WS_COALESCED("ws-coalesced", "Node ws, frames coalesced by hand", null),
    TYRUS_ASYNC("tyrus-async", "Tyrus, getAsyncRemote for each member", TyrusPeer.class),
    NIO("nio", "bare Java NIO, frames coalesced", NioPeer.class);

    private static final long INSTALL_MINUTES = 3;

    private final String shortName;
    private final String about;
    private final Class<?> main;

    Contender(String shortName, String about, Class<?> main) {
        this.shortName = shortName;
        this.about = about;
        this.main = main;
    }

    String shortName() {
        return shortName;
    }

    String about() {
        return about;
    }

    /**
     * Makes it ready to be started.
     *
     * @return the command that starts it
     * @throws IOException if something that it needs is missing; the message says what
     */
    List<String> prepare() throws IOException, InterruptedException {
        if (main != null) {
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            return List.of(java, "-cp", System.getProperty("java.class.path"), main.getName());
        }
        Path directory =
                Files.createDirectories(workDirectory().resolve("peers").resolve(shortName));
        unpack(directory, "package.json");
        unpack(directory, "server.js");
        if (!Files.exists(directory.resolve("node_modules/ws"))) {
            run(directory, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund");
        }
        run(directory, "node", "--version");
        return List.of("node", directory.resolve("server.js").toString());
    }

    private void unpack(Path directory, String file) throws IOException {
        try (InputStream in = Contender.class.getResourceAsStream("/peers/" + shortName + "/" + file)) {
            Files.copy(in, directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void run(Path directory, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(command[0] + ".log").toFile())
                .start();
        try {
            if (!process.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IOException(
                        String.join(" ", command) + " failed, see " + directory.resolve(command[0] + ".log"));
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** Where this program was built: everything that a comparison writes goes there. */
    static Path workDirectory() throws IOException {
        try {
            return Path.of(Contender.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .getParent();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }
}
