package dev.roomcast.client;

/** Why a message was not, or may not have been, said in its room, or why a room cannot be joined. */
public final class SendException extends RuntimeException {

    /** The message was written, and no answer came in time: it is in the room once, or not at all. */
    public static final String OUTCOME_UNKNOWN = "outcome_unknown";

    /** So many messages wait for their answer that no more are taken. This one was not sent. */
    public static final String TOO_MANY = "too_many";

    /** The message is larger than {@link RoomcastClientBuilder#messageBytes}. It was not sent. */
    public static final String TOO_BIG = "too_big";

    /** The client is not, or no longer, in the room. */
    public static final String NOT_JOINED = "not_joined";

    /** Another message of this user has the id. This one was not said. */
    public static final String ID_CONFLICT = "id_conflict";

    /** The client was closed. What is refused with this was not sent. */
    public static final String CLOSED = "closed";

    private static final long serialVersionUID = 1L;

    private final String code;

    SendException(String code, String message) {
        super(code + ": " + message);
        this.code = code;
    }

    /**
     * What went wrong, as a word that does not change.
     *
     * @return a constant of this class, or the {@code code} of the server's error ({@code forbidden}, {@code id_conflict} …)
     */
    public String code() {
        return code;
    }
}
