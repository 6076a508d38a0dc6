package dev.roomcast.redis;

import dev.roomcast.bridge.LocalOrder;
import dev.roomcast.message.Message;

/** A Redis that may be away, as a room's feed sees it. */
interface Absence {

    boolean isAway();

    /**
     * Begins an order of a room that only this instance knows; from then on nothing that is said there goes to Redis. Called
     * with the feed's lock held.
     */
    LocalOrder.Stretch begin(String room);

    /** Ends it: what is said in the room goes to Redis again. Called with the feed's lock held. */
    void end(String room, LocalOrder.Stretch own);

    /** What was kept back may go out: the room's true position is known by now. Called with no lock held. */
    void placed(String room);

    /** A message of Redis's order is shown here. Called with the feed's lock held. */
    void shown(Message message);
}
