package dev.roomcast.guard;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Who may be where, and say what. Until the answer is yes, nothing of a room is shown, not even whether it exists.
 *
 * <p>Called on the thread of the container or of the hub: it must not block, and answers through the stage, on any thread. A
 * failed stage or an exception is a no. {@link #mayJoin} is asked at each join, and again for members when the host calls
 * {@code rooms.recheck(user)}. Answers of {@link #mayPublish} are remembered per connection until a recheck or a refreshed
 * identity, {@value #REMEMBERED} at most.
 */
public interface Access {

    /** Answers of {@link #mayPublish} that are remembered for one connection. */
    int REMEMBERED = 64;

    /**
     * Whether someone may be in a room.
     *
     * @param who the user
     * @param room the room
     * @return completes with the answer
     */
    default CompletionStage<Boolean> mayJoin(Identity who, String room) {
        return CompletableFuture.completedFuture(true);
    }

    /**
     * Whether someone who is in a room may say something there.
     *
     * @param who the user
     * @param room the room
     * @param type the type of the message
     * @return completes with the answer
     */
    default CompletionStage<Boolean> mayPublish(Identity who, String room, String type) {
        return CompletableFuture.completedFuture(true);
    }
}
