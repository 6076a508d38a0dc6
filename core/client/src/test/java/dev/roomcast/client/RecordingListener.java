package dev.roomcast.client;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import java.util.List;
import java.util.Optional;

/** Writes down what it is told, a line each. */
final class RecordingListener implements ClientListener {

    private final List<String> told;

    RecordingListener(List<String> told) {
        this.told = told;
    }

    @Override
    public void onState(ClientState state) {
        told.add(state.name());
    }

    @Override
    public void onClosed(int code, String reason) {
        told.add("closed " + code);
    }

    @Override
    public void onMessage(ClientRoom room, Message message) {
        told.add(room.name() + " " + message.type() + " " + message.userId() + " "
                + message.content().json());
    }

    @Override
    public void onDirect(Message message) {
        told.add("direct " + message.content().json());
    }

    @Override
    public void onJoined(ClientRoom room) {
        told.add("joined " + room.name());
    }

    @Override
    public void onRecovered(ClientRoom room) {
        told.add("recovered " + room.name());
    }

    @Override
    public void onGap(ClientRoom room, Position after, Position resumed) {
        told.add("gap " + room.name() + " " + text(after) + " " + text(resumed));
    }

    @Override
    public void onLeft(ClientRoom room, String code) {
        told.add("left " + room.name() + " " + code);
    }

    @Override
    public void onUserJoined(ClientRoom room, String userId) {
        told.add("+" + userId);
    }

    @Override
    public void onUserLeft(ClientRoom room, String userId) {
        told.add("-" + userId);
    }

    @Override
    public void onStatus(String state) {
        told.add("status " + state);
    }

    @Override
    public void onError(Optional<ClientRoom> room, String code, String message) {
        told.add("error " + code);
    }

    static String text(Position position) {
        return position.epoch() + position.offset();
    }
}
