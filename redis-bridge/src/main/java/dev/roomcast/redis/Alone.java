package dev.roomcast.redis;

import dev.roomcast.bridge.Bridge;
import dev.roomcast.bridge.LocalOrder;
import dev.roomcast.message.Message;
import dev.roomcast.message.Position;
import org.jspecify.annotations.Nullable;

/**
 * This instance while Redis is away.
 *
 * <p>A room of which nothing is known then needs some position for those who join: it gets an order of its own, at offset 0.
 * With {@link WhileAway#WAIT} that is all. With {@link WhileAway#LOCAL} that order, which any room gets with the first message
 * that would have to wait, is one in which members talk; and the way there is a gap, as is the way back:
 *
 * <pre>
 *   e:9  e:10 | gap e:10 → own:0 | own:1  own:2 | gap own:2 → e:14 | e:15
 * </pre>
 *
 * <p>So members never see messages of both orders without a gap between. A room in which nothing is said meanwhile stays in
 * Redis's order, and what it missed is delivered on return.
 *
 * <p>What is said here is not said in Redis, ever. A message of which nobody knows whether Redis has it, since it was on its
 * way when Redis was lost, is not said here: it is sent once more on return. Nor is a repeat of it; nor, for five minutes,
 * of any message that was said or shown here.
 */
final class Alone implements Absence {

    private final LocalOrder orders;
    private final Publisher publisher;
    private final boolean talks;
    private volatile boolean away;

    Alone(Bridge.Context context, Publisher publisher, Stripes stripes, WhileAway whileAway) {
        this.publisher = publisher;
        this.talks = whileAway == WhileAway.LOCAL;
        Bridge.Memory memory = context.memory();
        // What the hub wants to know is not told inside a room's lock.
        this.orders = new LocalOrder(new Bridge.Context(
                context.delivery(),
                context.time(),
                context.history(),
                new Bridge.Memory(
                        memory.historyBytes(),
                        memory.ids(),
                        memory.used(),
                        () -> stripes.execute("", memory.historyDropped()),
                        () -> stripes.execute("", memory.idRefused()))));
    }

    void away(boolean now) {
        away = now;
    }

    /** Whether messages are delivered here that cannot go to Redis now. */
    boolean talks() {
        return talks && away;
    }

    /** Whether history that cannot be read is not waited for. */
    boolean hasOwnHistory() {
        return talks;
    }

    /**
     * Where a message stands that was said or shown here before, under its id; null if it was not, or Redis is to say.
     *
     * @throws dev.roomcast.bridge.BridgeException if that was another message
     */
    @Nullable
    Position known(Message message) {
        return talks ? orders.known(message) : null;
    }

    @Override
    public boolean isAway() {
        return away;
    }

    @Override
    public LocalOrder.Stretch begin(String room) {
        publisher.hold(room);
        return orders.begin(room);
    }

    @Override
    public void end(String room, LocalOrder.Stretch own) {
        own.end();
        publisher.letGo(room);
    }

    @Override
    public void placed(String room) {
        publisher.goOn(room);
    }

    @Override
    public void shown(Message message) {
        if (talks) {
            orders.note(message);
        }
    }

    void close() {
        orders.close();
    }
}
