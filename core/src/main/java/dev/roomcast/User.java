package dev.roomcast;

import dev.roomcast.bridge.BridgeException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * All connections of one user, on all instances together. This is a handle: getting one costs nothing, and it stays valid
 * whether the user is connected or not. Safe for use by any thread; no method blocks, and stages may complete on any thread.
 *
 * <p>Only instances on which the user has connections hear of what is asked here, each of them once. Each method's stage
 * completes with the number of these, this one included: 0 means that the user is not connected. It fails with
 * {@link BridgeException} as unavailable while the bridge is away; the user's connections on this instance have been served
 * all the same.
 *
 * <p>Another instance may be cut off for the moment. An event that is sent then is not for its connections. A
 * {@code disconnect} or {@code recheck} is tried again for some seconds, and fails as unavailable if that did not help; to
 * ask once more does no harm.
 */
public interface User {

    /**
     * Names the user.
     *
     * @return the user, as others are shown the name
     */
    String id();

    /**
     * Sends to all connections of the user, outside any room: {@code {"type":…,"content":…,"timestamp":…}}. Nothing of it
     * is kept: whoever is not connected now never gets it.
     *
     * @param type the application's own name for it, not one of the protocol's
     * @param content any value that {@link dev.roomcast.message.Content#of(Object)} takes
     * @return completes with the number of instances that it was handed to
     * @throws IllegalArgumentException if the type is reserved or the content is not JSON
     */
    CompletionStage<Integer> send(String type, @Nullable Object content);

    /**
     * Closes all connections of the user. To keep the user out, see to it that
     * {@link dev.roomcast.guard.Authenticator} refuses from before this call on. A connection that is just being let in,
     * between its answer and the first frame, may be missed.
     *
     * @param code why, and whether the clients come back
     * @param reason for the clients' logs, at most 123 bytes of UTF-8; more is cut
     * @return completes with the number of instances that it was handed to
     */
    CompletionStage<Integer> disconnect(CloseCode code, String reason);

    /**
     * Asks {@link dev.roomcast.guard.Access} again about the rooms that the user is in, after the user's rights have changed.
     * Where the answer is no, the connections leave the room, are told {@code left}, and see nothing of it any more.
     *
     * @return completes with the number of instances that it was handed to, when on this one all answers were there and
     *     have been followed
     */
    CompletionStage<Integer> recheck();
}
