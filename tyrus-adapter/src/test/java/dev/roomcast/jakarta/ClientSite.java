package dev.roomcast.jakarta;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.roomcast.CloseCode;
import dev.roomcast.Connection;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.bridge.HistoryLimits;
import dev.roomcast.bridge.Member;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.guard.Rate;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server before which the browser client is tested, and a line of orders by which the test, in another process, makes it
 * do what servers do and asks it for the truth. One order a line, one answer a line, in JSON.
 *
 * <p>{@code /rooms} takes anyone by name, {@code /tokens} whoever shows {@code user:milliseconds}, for that long, and
 * {@code /usual} has the default rates.
 */
final class ClientSite implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ALL = 1_000_000;

    private final ServerSocket orders;
    private final Thread listener;
    private final Rooms rooms = settings().build();
    private final Rooms tokens =
            settings().authenticator(Authenticator.token(ClientSite::whose)).build();
    private final Rooms usual =
            Rooms.builder().handshakes(new Rate(10_000, 10_000)).build();
    private final RoomServer server;
    private volatile Socket client = new Socket();

    /** One that comes and goes while the other serves other tests. Of the listener's thread, then of close(). */
    private @Nullable Rooms mortalRooms;

    private @Nullable RoomServer mortal;

    ClientSite() throws IOException {
        server = RoomServer.builder()
                .port(0)
                .endpoint(RoomEndpoint.at("/rooms", rooms))
                .endpoint(RoomEndpoint.at("/tokens", tokens))
                .endpoint(RoomEndpoint.at("/usual", usual))
                .start();
        orders = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        listener = new Thread(this::listen, "client-site");
        listener.start();
    }

    int port() {
        return server.port();
    }

    int orders() {
        return orders.getLocalPort();
    }

    /** Starts the mortal server, or lets its clients go one after the other and starts it again where it was. */
    private int restart(Duration drain) throws IOException {
        int port = mortal == null ? 0 : mortal.port();
        if (mortalRooms != null) {
            mortalRooms.close(drain);
        }
        endMortal();
        mortalRooms = settings().build();
        mortal = RoomServer.builder()
                .port(port)
                .endpoint(RoomEndpoint.at("/rooms", mortalRooms))
                .start();
        return mortal.port();
    }

    private void endMortal() {
        if (mortalRooms != null) {
            mortalRooms.close();
        }
        if (mortal != null) {
            mortal.close();
        }
    }

    private static RoomsBuilder settings() {
        return Rooms.builder()
                .rate(new Rate(10_000, 10_000))
                .userRate(new Rate(10_000, 10_000))
                .handshakes(new Rate(10_000, 10_000))
                .heartbeat(Duration.ofSeconds(1))
                .history(new HistoryLimits(ALL, Duration.ofMinutes(30), 256L << 20))
                .history("short-*", new HistoryLimits(3, Duration.ofMinutes(1), 1 << 20));
    }

    private static CompletableFuture<Identity> whose(String token) {
        String[] parts = token.split(":", -1);
        return CompletableFuture.completedFuture(
                parts.length == 2
                        ? Identity.of(parts[0]).until(Instant.now().plusMillis(Long.parseLong(parts[1])))
                        : null);
    }

    private void listen() {
        try {
            while (!orders.isClosed()) {
                client = orders.accept();
                obey(client);
            }
        } catch (IOException closed) {
            // By close().
        }
    }

    private void obey(Socket socket) throws IOException {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                PrintStream out = new PrintStream(socket.getOutputStream(), true, StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                Object answer;
                try {
                    answer = answer(line.split(" ", -1));
                } catch (Exception failed) {
                    answer = Map.of("failed", failed.toString());
                }
                out.println(JSON.writeValueAsString(answer));
            }
        }
    }

    private Object answer(String[] words) throws Exception {
        return switch (words[0]) {
            case "say" -> rooms.room(words[1]).broadcast(words[2], words[3]);
            case "members" ->
                rooms.room(words[1]).members().toCompletableFuture().get(10, TimeUnit.SECONDS).stream()
                        .map(Member::userId)
                        .toList();
            case "history" ->
                rooms
                        .room(words[1])
                        .history(null, ALL)
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .messages()
                        .stream()
                        .map(ClientSite::told)
                        .toList();
            case "kick" -> {
                for (Connection connection : connectionsOf(words[2])) {
                    rooms.room(words[1]).leave(connection).toCompletableFuture().get(10, TimeUnit.SECONDS);
                }
                yield true;
            }
            case "invite" -> {
                for (Connection connection : connectionsOf(words[2])) {
                    rooms.room(words[1]).join(connection).toCompletableFuture().get(10, TimeUnit.SECONDS);
                }
                yield true;
            }
            case "close" -> {
                CloseCode code = CloseCode.of(Integer.parseInt(words[2])).orElseThrow();
                List<Connection> some = connectionsOf(words[1]);
                some.forEach(connection -> connection.close(code, "as the test wants"));
                yield some.size();
            }
            case "connections" -> connectionsOf(words[1]).size();
            case "restart" -> restart(Duration.ofMillis(Long.parseLong(words[1])));
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private List<Connection> connectionsOf(String user) {
        List<Connection> all = new ArrayList<>(rooms.connections());
        all.addAll(tokens.connections());
        return all.stream()
                .filter(connection -> connection.userId().equals(user))
                .toList();
    }

    private static Map<String, Object> told(Message message) {
        Position position = message.position();
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("userId", message.userId());
        told.put("content", message.content().text());
        told.put("epoch", position == null ? null : position.epoch());
        told.put("offset", position == null ? null : position.offset());
        return told;
    }

    @Override
    public void close() {
        try {
            orders.close();
            client.close();
            listener.join(5_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            endMortal();
            rooms.close();
            tokens.close();
            usual.close();
            server.close();
        }
    }
}
