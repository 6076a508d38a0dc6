package dev.roomcast;

import dev.roomcast.bridge.Signal;
import dev.roomcast.message.Content;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A name and the hub it belongs to; everything is looked up when it is used. */
final class UserHandle implements User {

    private final Hub hub;
    private final String id;

    UserHandle(Hub hub, String id) {
        this.hub = hub;
        this.id = id;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public CompletionStage<Integer> send(String type, @Nullable Object content) {
        ReservedTypes.check(type);
        return hub.hostThreads.told(
                hub.signals.raise(new Signal.Send(id, type, Content.of(content), hub.time.millis())));
    }

    @Override
    public CompletionStage<Integer> disconnect(CloseCode code, String reason) {
        return hub.hostThreads.told(hub.signals.raise(
                new Signal.Disconnect(id, code.code(), CloseEvents.shorten(Objects.requireNonNull(reason, "reason")))));
    }

    @Override
    public CompletionStage<Integer> recheck() {
        return hub.hostThreads.told(hub.signals.raise(new Signal.Recheck(id)));
    }
}
