package dev.roomcast.jakarta.behaviour;

import dev.roomcast.client.ClientListener;
import dev.roomcast.client.ClientRoom;
import dev.roomcast.client.ClientState;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a client was told, in order, as short lines: {@code "lobby: hello"}, {@code "recovered lobby"}. */
final class ClientEvents implements ClientListener {

    private final List<String> events = new CopyOnWriteArrayList<>();

    List<String> all() {
        return events;
    }

    /** Those that begin with a word. */
    List<String> of(String word) {
        return events.stream().filter(event -> event.startsWith(word)).toList();
    }

    void await(String event) {
        org.awaitility.Awaitility.await(event + " in " + events)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> events.contains(event));
    }

    @Override
    public void onState(ClientState state) {
        events.add(state.name());
    }

    @Override
    public void onClosed(int code, String reason) {
        events.add("closed " + code);
    }

    @Override
    public void onMessage(ClientRoom room, Message message) {
        events.add(room.name() + ": " + message.content().text());
    }

    @Override
    public void onDirect(Message message) {
        events.add("direct: " + message.content().text());
    }

    @Override
    public void onJoined(ClientRoom room) {
        events.add("joined " + room.name());
    }

    @Override
    public void onRecovered(ClientRoom room) {
        events.add("recovered " + room.name());
    }

    @Override
    public void onGap(ClientRoom room, Position after, Position resumed) {
        events.add("gap " + room.name() + " " + after.offset() + " " + resumed.offset());
    }

    @Override
    public void onLeft(ClientRoom room, String code) {
        events.add("left " + room.name() + " " + code);
    }

    @Override
    public void onUserJoined(ClientRoom room, String userId) {
        events.add("user_joined " + room.name() + " " + userId);
    }

    @Override
    public void onUserLeft(ClientRoom room, String userId) {
        events.add("user_left " + room.name() + " " + userId);
    }

    @Override
    public void onError(Optional<ClientRoom> room, String code, String message) {
        events.add("error " + code);
    }
}
