package dev.roomcast;

/** How a hub stands to its bridge's backend. Clients are told by {@code status} frames. */
public enum Status {
    /** The backend is there; always so with {@link dev.roomcast.bridge.Bridge#local()}. */
    CONNECTED("connected"),
    /**
     * The backend is away, and this instance on its own: connections stay, rooms can be joined and left, and what that means
     * for messages is said by the bridge. What was missed is delivered, or told as a {@code gap}, when the backend is back.
     */
    ISOLATED("isolated");

    private final String wireName;

    Status(String wireName) {
        this.wireName = wireName;
    }

    /** As clients are told. */
    String wireName() {
        return wireName;
    }
}
