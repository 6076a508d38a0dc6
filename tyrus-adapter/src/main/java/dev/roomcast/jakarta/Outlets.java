package dev.roomcast.jakarta;

import jakarta.websocket.Session;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how the frames of each session of one endpoint leave, counts what it chose, and logs each choice when it is made
 * first. Ready-made frames go out where they can: one write for all that waits, made once for all members. They are plain
 * RFC 6455 frames, so never for a session that has agreed on an extension.
 */
final class Outlets {

    /** Turns ready-made frames off when it is {@code false}. */
    static final String SWITCH = "dev.roomcast.readyMadeFrames";

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");

    private enum Way {
        SOCKET("ready-made frames to the socket"),
        TYRUS("ready-made frames through Tyrus's writer"),
        SESSION("one message at a time through the container's asynchronous send");

        private final String text;

        Way(String text) {
            this.text = text;
        }
    }

    private final HardCut hardCut;
    private final Errands errands;
    private final String path;
    private final boolean readyMade;

    /** Sessions by way; filled once. */
    private final Map<Way, AtomicLong> chosen = new EnumMap<>(Way.class);

    Outlets(String path, HardCut hardCut, Errands errands) {
        this.path = path;
        this.hardCut = hardCut;
        this.errands = errands;
        Arrays.stream(Way.values()).forEach(way -> chosen.put(way, new AtomicLong()));
        this.readyMade = !"false".equalsIgnoreCase(System.getProperty(SWITCH));
    }

    Outlet of(Session session, @Nullable Link link) {
        if (!readyMade) {
            return portable(session, "ready-made frames are turned off");
        }
        if (!session.getNegotiatedExtensions().isEmpty()) {
            return portable(session, "a client has agreed on an extension");
        }
        if (link != null) {
            choose(Way.SOCKET, "this is the server of Roomcast");
            return link;
        }
        if (!isTyrus(session)) {
            return portable(session, "nothing else is known of this container");
        }
        if (!TyrusOutlet.isTested()) {
            return portable(session, "this Tyrus is none of the tested versions: '" + TyrusOutlet.version() + "'");
        }
        Optional<Outlet> tyrus = TyrusOutlet.of(session, hardCut);
        if (tyrus.isEmpty()) {
            return portable(session, "Tyrus's writer cannot be reached");
        }
        choose(Way.TYRUS, "this is a tested version");
        return tyrus.get();
    }

    private Outlet portable(Session session, String why) {
        choose(Way.SESSION, why);
        // Tyrus's calls do not block, and then it is better that no thread stands between.
        return new SessionOutlet(session, hardCut, isTyrus(session) ? Runnable::run : errands);
    }

    private static boolean isTyrus(Session session) {
        return session.getClass().getName().startsWith("org.glassfish.tyrus.");
    }

    private void choose(Way way, String why) {
        if (Objects.requireNonNull(chosen.get(way)).getAndIncrement() == 0) {
            LOG.log(System.Logger.Level.INFO, "{0} writes {1}: {2}", path, way.text, why);
        }
    }

    @Override
    public String toString() {
        return chosen.entrySet().stream()
                .map(entry -> entry.getKey().text + ": " + entry.getValue())
                .collect(Collectors.joining("; "));
    }
}
