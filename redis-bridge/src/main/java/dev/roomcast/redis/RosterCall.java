package dev.roomcast.redis;

import dev.roomcast.bridge.RosterChange;
import dev.roomcast.redis.Envelope.News;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One call of the roster script. Every task of it may be done twice, so a call whose answer was lost is made again.
 *
 * @param room the room
 * @param instance whose connections it is about
 * @param task what to do and with what
 */
record RosterCall(String room, String instance, Words task) {

    /**
     * What the script answered.
     *
     * @param revision of the roster
     * @param result belongs to the task
     * @param nextGraceMillis when the next grace is over; negative if none runs
     * @param changes as they were published
     * @param generation another one after Redis has lost some of the roster
     */
    record Answer(long revision, Object result, long nextGraceMillis, List<RosterChange> changes, String generation) {}

    CompletionStage<Answer> send(Session session, Keys keys, Clock clock) {
        Words names = new Words()
                .bytes(keys.revision(room))
                .bytes(keys.users(room))
                .bytes(keys.graces(room))
                .bytes(keys.connections(room, instance))
                .bytes(keys.meta(room));
        Words arguments = new Words().text(clock.now()).text(session.runId()).bytes(keys.channel(room));
        for (byte[] word : task.toArray()) {
            arguments.bytes(word);
        }
        return session.call(Script.ROSTER, names.toArray(), arguments.toArray()).thenApply(this::answer);
    }

    private Answer answer(List<Object> answer) {
        List<RosterChange> changes = new ArrayList<>();
        for (Object change : (List<?>) answer.get(3)) {
            if (Envelope.parse((byte[]) change, room) instanceof News news) {
                changes.add(news.change());
            }
        }
        String generation = new String((byte[]) answer.get(4), StandardCharsets.US_ASCII);
        return new Answer((Long) answer.get(0), answer.get(1), (Long) answer.get(2), changes, generation);
    }
}
