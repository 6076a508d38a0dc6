package dev.roomcast;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Refusal;
import dev.roomcast.message.Content;
import dev.roomcast.testkit.FakeClient;
import dev.roomcast.testkit.ManualTime;
import dev.roomcast.testkit.Received;
import dev.roomcast.transport.Handshake;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Plays a {@link Transcript} against a real hub. What a client is sent must be, byte for byte, what the page says, in the
 * order of the page, and nothing else. Only the names of connections and epochs are the hub's own: those of the page stand
 * for whatever comes first in their place, and must stand for the same ever after.
 */
final class Replay implements AutoCloseable {

    private static final Pattern NAMED = Pattern.compile("\"(connection|epoch)\":\"([^\"]*)\"");
    /** Less than a heartbeat. */
    private static final Duration STEP_OF_TIME = Duration.ofSeconds(10);

    private static final Pattern STEP = Pattern.compile("([a-z]+)([><:]) (.*)|\\+ (\\d+) (ms|s|min)");

    private final ManualTime time = new ManualTime();
    private final Scenery scenery = new Scenery(time);
    private @Nullable Rooms built;
    private final Map<String, FakeClient> clients = new LinkedHashMap<>();
    private final Map<String, Integer> refusals = new HashMap<>();

    /** How much of each client's frames has been looked at. */
    private final Map<FakeClient, Integer> seen = new HashMap<>();

    /** The page's names, and what they stand for. */
    private final Map<String, String> names = new HashMap<>();

    /** Who does not read. */
    private final Set<FakeClient> stuck = new HashSet<>();

    private boolean someAreWaitedFor;
    private CompletableFuture<Void> drain = CompletableFuture.completedFuture(null);

    static void of(Transcript transcript) {
        try (Replay replay = new Replay()) {
            for (String line : transcript.lines()) {
                try {
                    replay.play(line);
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(transcript.title() + ": " + line + "\n" + e.getMessage(), e);
                }
            }
            replay.nothingElseCame();
        }
    }

    private void play(String line) {
        if (line.startsWith("! ")) {
            scenery.set(line.substring(2));
            return;
        }
        Matcher step = STEP.matcher(line);
        assertTrue(step.matches(), "not a line of a transcript");
        if (step.group(4) != null) {
            advance(duration(step.group(4), step.group(5)));
        } else if (step.group(1).equals("server")) {
            server(step.group(3));
        } else if (step.group(2).equals("<")) {
            receives(step.group(1), step.group(3));
        } else if (step.group(2).equals(">")) {
            sends(step.group(1), step.group(3));
        } else {
            does(client(step.group(1)), step.group(3));
        }
    }

    /** In steps, between which everyone can answer a ping: a worker may just be writing to them. */
    private void advance(Duration duration) {
        Duration left = duration;
        while (left.compareTo(STEP_OF_TIME) > 0) {
            time.advance(STEP_OF_TIME);
            left = left.minus(STEP_OF_TIME);
            clients.values().stream().filter(client -> !stuck.contains(client)).forEach(this::awaitIdle);
        }
        time.advance(left);
    }

    private void awaitIdle(FakeClient client) {
        if (connectionOf(client) instanceof LiveConnection connection) {
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                boolean idle = connection.outbox.pause();
                if (idle) {
                    connection.outbox.goOn();
                }
                return idle || !connection.isOpen();
            });
        }
    }

    private Rooms rooms() {
        built = built == null ? scenery.build() : built;
        return built;
    }

    private void sends(String name, String what) {
        if (what.startsWith("connect ")) {
            clients.remove(name);
            Handshake handshake = handshake(what.substring("connect ".length()));
            Refusal refusal = rooms().refusal(handshake).orElse(null);
            if (refusal == null) {
                clients.put(name, FakeClient.connect(rooms(), handshake));
            } else {
                refusals.put(name, refusal.status());
            }
        } else if (what.equals("close")) {
            client(name).closes();
            awaitEmptyRooms();
        } else if (what.equals("cut")) {
            client(name).vanishes();
            someAreWaitedFor = true;
        } else if (what.equals("binary")) {
            client(name).sendsBinary();
        } else {
            client(name).sends(known(what));
        }
    }

    private void receives(String name, String what) {
        if (what.startsWith("refused ")) {
            assertEquals(what, "refused " + refusals.remove(name));
        } else if (what.startsWith("close ")) {
            FakeClient client = client(name);
            client.await(what, closed -> closed.closeCode().isPresent());
            assertEquals(what, "close " + client.closeCode().orElseThrow());
            assertEquals("", String.join("\n", unseen(client)), "sent before the close");
        } else {
            FakeClient client = client(name);
            int index = seen.merge(client, 1, Integer::sum) - 1;
            client.await(what, reading -> reading.frames().size() > index);
            String came = client.frames().get(index).json();
            meet(what, came);
            assertEquals(known(what), came);
        }
    }

    /** A worker lets a room go that nobody is in; before the clock is turned on. */
    private void awaitEmptyRooms() {
        await().pollInterval(Duration.ofMillis(1))
                .until(() -> someAreWaitedFor
                        || rooms().stats().rooms()
                                == rooms().connections().stream()
                                        .flatMap(connection -> connection.rooms().stream())
                                        .distinct()
                                        .count());
    }

    /** A worker may just be bringing a room up to what the others did. */
    private void awaitIdleRooms() {
        for (Connection connection : rooms().connections()) {
            LiveRooms live = ((LiveConnection) connection).hub.rooms;
            connection.rooms().stream()
                    .map(live::find)
                    .filter(Objects::nonNull)
                    .forEach(room -> await().pollInterval(Duration.ofMillis(1)).until(room.lane::isIdle));
        }
    }

    private void does(FakeClient client, String what) {
        switch (what) {
            case "stops reading" -> {
                stuck.add(client);
                client.stopsReading();
            }
            case "reads again" -> {
                stuck.remove(client);
                client.readsAgain();
            }
            case "ignores pings" -> client.ignoresPings();
            default -> throw new IllegalArgumentException("a client does not do that");
        }
    }

    private void server(String what) {
        String[] words = what.split(" ", 4);
        switch (words[0]) {
            case "says" -> rooms().room(words[1]).broadcast(words[2], Content.ofJson(words[3]));
            case "tells" -> connection(words[1]).send(words[2], Content.ofJson(words[3]));
            case "updates" -> rooms().room(words[1]).update(words[2], Content.ofJson(words[3]));
            case "closes" ->
                connection(words[1])
                        .close(CloseCode.of(Integer.parseInt(words[2])).orElseThrow(), "");
            case "loses" -> scenery.bridge().goesAway();
            case "finds" -> {
                scenery.bridge().comesBack();
                awaitIdleRooms();
            }
            case "drains" -> drain(duration(words[1], words[2]));
            default -> throw new IllegalArgumentException("a server does not do that");
        }
    }

    private void drain(Duration over) {
        Rooms mine = rooms();
        Thread[] closing = new Thread[1];
        drain = CompletableFuture.runAsync(() -> mine.close(over), task -> {
            closing[0] = new Thread(task);
            closing[0].start();
        });
        // Its timers are set once it waits.
        await().pollInterval(Duration.ofMillis(1)).until(() -> closing[0].getState() == Thread.State.TIMED_WAITING);
    }

    /** Has everyone join its rooms once more: what that is answered with comes behind all else that is under way there. */
    private void nothingElseCame() {
        for (FakeClient client : clients.values()) {
            Connection connection = connectionOf(client);
            for (String room : connection == null ? Set.<String>of() : connection.rooms()) {
                rooms().room(room).join(connection);
                client.await("joined", asked -> isBehindJoined(unseen(asked)));
                List<String> rest = unseen(client);
                assertEquals(List.of(), rest.subList(0, rest.size() - 2), "also came");
                seen.put(client, client.frames().size());
            }
            assertEquals(List.of(), unseen(client), "also came");
        }
    }

    private static boolean isBehindJoined(List<String> frames) {
        return frames.size() >= 2 && frames.get(frames.size() - 2).startsWith("{\"type\":\"joined\"");
    }

    private List<String> unseen(FakeClient client) {
        List<Received> frames = client.frames();
        return frames.subList(seen.getOrDefault(client, 0), frames.size()).stream()
                .map(Received::json)
                .toList();
    }

    private FakeClient client(String name) {
        FakeClient client = clients.get(name);
        assertTrue(client != null, "not connected");
        return client;
    }

    private Connection connection(String name) {
        return Objects.requireNonNull(connectionOf(client(name)));
    }

    private @Nullable Connection connectionOf(FakeClient client) {
        String id = client.frames("welcome").stream()
                .findFirst()
                .map(frame -> frame.text("connection"))
                .orElse("");
        return rooms().connections().stream()
                .filter(connection -> connection.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    /** Learns what names of the page stand for that were not met before. */
    private void meet(String expected, String came) {
        Matcher theirs = NAMED.matcher(expected);
        Matcher ours = NAMED.matcher(came);
        while (theirs.find() && ours.find()) {
            if (!names.containsValue(ours.group(2))) {
                names.putIfAbsent(theirs.group(2), ours.group(2));
            }
        }
    }

    /** A text of the page with what its names stand for. */
    private String known(String text) {
        return NAMED.matcher(text)
                .replaceAll(name -> Matcher.quoteReplacement(
                        "\"" + name.group(1) + "\":\"" + names.getOrDefault(name.group(2), name.group(2)) + "\""));
    }

    /** {@code ?room=a&user=b}, with {@code roomcast.v1} before it if that is asked for. */
    private Handshake handshake(String request) {
        Handshake.Builder handshake = Handshake.builder();
        String query = request.substring(request.indexOf('?') + 1);
        if (request.startsWith(Handshake.ROOMCAST_V1)) {
            handshake.subprotocol(Handshake.ROOMCAST_V1);
        }
        for (String pair : query.split("&", -1)) {
            String[] parts = pair.split("=", 2);
            String value = URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
            handshake.parameter(parts[0], parts[0].equals("epoch") ? names.getOrDefault(value, value) : value);
        }
        return handshake.build();
    }

    private static Duration duration(String number, String unit) {
        long amount = Long.parseLong(number);
        return switch (unit) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMinutes(amount);
        };
    }

    @Override
    public void close() {
        rooms().close();
        drain.join();
    }
}
