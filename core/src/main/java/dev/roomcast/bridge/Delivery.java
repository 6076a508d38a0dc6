package dev.roomcast.bridge;

import dev.roomcast.message.Message;
import dev.roomcast.message.Position;

/**
 * This instance's end of the line: where a bridge puts what happened in a room. Implemented by the hub.
 *
 * <p>Two steps, so that a bridge can append while it holds its own lock of the room and deliver after it has let go:
 * {@code append} only queues and never runs anyone's code; {@code release} delivers. What belongs to no room comes as a
 * {@link #signal}.
 */
public interface Delivery {

    /**
     * Whether the room's queue here has space. A bridge that can still refuse a message asks before it takes one; what has
     * been given a position is appended all the same.
     *
     * @param room the room
     * @return false if publishers are far ahead of delivery
     */
    boolean hasSpace(String room);

    /**
     * Queues a message for the members on this instance. Ascending offsets per room; a message without members here is
     * dropped. Never blocks.
     *
     * @param message with its position, unless it is volatile
     */
    void append(Message message);

    /**
     * Queues a change of the roster for the members on this instance, among the room's messages. Ascending {@code rev} per
     * room. Never blocks.
     *
     * @param change the change
     */
    void append(RosterChange change);

    /**
     * Says that a room's roster has moved on, without saying how: the bridge missed some changes, or cannot know whether it
     * did. The hub reads the roster and tells the members here the differences, and nothing if it has heard of that revision
     * already. Never blocks.
     *
     * @param room the room
     * @param rev a revision that the roster has reached
     */
    void rosterMoved(String room, long rev);

    /**
     * Says that messages of a room cannot be had any more, or that nobody can know whether there were any. The members on
     * this instance are told {@code gap}; the next message is expected right behind {@code upTo}. Never blocks.
     *
     * @param room the room
     * @param after the last position up to which all is known
     * @param upTo where the room stands now
     */
    void lost(String room, Position after, Position upTo);

    /**
     * Brings what another instance wants done with the connections of a user, or of everyone, here. Carried out on a thread
     * of the hub, in the order of the calls; what has no space is dropped and counted. Never blocks.
     *
     * @param signal what is to be done
     */
    void signal(Signal signal);

    /**
     * Says that the bridge's backend is away, or back: until it is back this instance is on its own. Host and clients are told.
     * A bridge that has nothing to lose never calls this; one that has calls it for each change, one call after the other, and
     * before the end of {@link Bridge#start} if its backend is away from the beginning. Repeating what holds has no effect.
     * Never blocks.
     *
     * @param isolated true when the backend was lost, false when it was found again
     */
    void isolated(boolean isolated);

    /**
     * Delivers what was appended, on the calling thread if nobody else is at it. Not to be called with a lock held, nor by
     * an I/O or timer thread. Inside a delivery or a handler it only takes note.
     *
     * @param room the room
     */
    void release(String room);

    /**
     * Delivers what was appended, on a thread of the hub; inside a delivery or a handler it only takes note. For I/O and timer
     * threads, and for whatever may be called by one, such as the end of a connection.
     *
     * @param room the room
     */
    void releaseElsewhere(String room);
}
