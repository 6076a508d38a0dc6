package dev.roomcast.redis;

import dev.roomcast.message.Position;
import dev.roomcast.redis.Instances.Gap;
import dev.roomcast.redis.Instances.Member;
import dev.roomcast.testkit.Received;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows every acknowledged message, and says where a client was told something else: a message missing without a gap that
 * covers it, one twice, one out of order, two orders, or one that was refused for good.
 */
final class OrderChecker {

    private final Instances instances;
    private final boolean gapsExcuse;
    private final List<String> faults = new ArrayList<>();

    /** What stands where, over all clients of a room. */
    private final Map<String, Map<Position, String>> orders = new HashMap<>();

    private OrderChecker(Instances instances, boolean gapsExcuse) {
        this.instances = instances;
        this.gapsExcuse = gapsExcuse;
    }

    /** The faults; empty if there is none. */
    static List<String> check(Instances instances) {
        return check(instances, true);
    }

    /** The faults when a gap is no excuse. */
    static List<String> checkThatNothingIsMissing(Instances instances) {
        return check(instances, false);
    }

    private static List<String> check(Instances instances, boolean gapsExcuse) {
        OrderChecker checker = new OrderChecker(instances, gapsExcuse);
        instances.members.forEach(checker::check);
        return checker.faults.stream().limit(20).toList();
    }

    private void check(Member member) {
        Map<String, Position> seen = new HashMap<>();
        Map<Position, String> order = orders.computeIfAbsent(member.room(), room -> new HashMap<>());
        Set<String> epochs = new HashSet<>();
        Position before = null;
        for (Received frame : member.client().frames("chat")) {
            String content = frame.text("content");
            Position position = new Position(frame.text("epoch"), frame.number("offset"));
            if (seen.put(content, position) != null) {
                fault(member, content + " came twice");
            }
            if (instances.refused.contains(content)) {
                fault(member, content + " was refused, and came");
            }
            String other = order.putIfAbsent(position, content);
            if (other != null && !other.equals(content)) {
                fault(member, "at " + position + " stands " + content + ", elsewhere " + other);
            }
            boolean sameEpoch = before != null && before.comparableTo(position);
            if (sameEpoch && position.offset() <= before.offset()) {
                fault(member, content + " at " + position + " came behind " + before);
            }
            if (!sameEpoch && !epochs.add(position.epoch())) {
                fault(member, "the epoch of " + position + " came back");
            }
            before = position;
        }
        List<Gap> gaps = member.gaps();
        instances.acknowledged.forEach((content, position) -> {
            boolean here =
                    content.equals("end of " + member.room()) || roomOf(content).equals(member.room());
            Position received = seen.get(content);
            if (here && received == null && !(gapsExcuse && isCovered(gaps, position, epochs))) {
                fault(member, content + " at " + position + " is missing without a gap");
            }
            if (received != null && received.comparableTo(position) && !received.equals(position)) {
                fault(member, content + " was acknowledged at " + position + ", and came at " + received);
            }
        });
    }

    private static String roomOf(String content) {
        if (content.startsWith("end of ")) {
            return content.substring("end of ".length());
        }
        int n = Integer.parseInt(content.substring(content.indexOf('-') + 1));
        return Instances.ROOMS.get(n % Instances.ROOMS.size());
    }

    /** Whether a gap says that the message may be missing. */
    private static boolean isCovered(List<Gap> gaps, Position position, Set<String> epochs) {
        for (Gap gap : gaps) {
            boolean crosses = !gap.after().comparableTo(gap.resumed());
            boolean behindAfter = gap.after().comparableTo(position)
                    && position.offset() > gap.after().offset()
                    && (crosses || position.offset() <= gap.resumed().offset());
            boolean beforeResumed = crosses
                    && gap.resumed().comparableTo(position)
                    && position.offset() <= gap.resumed().offset();
            // An epoch that came and went while this instance was away.
            boolean between = crosses && !epochs.contains(position.epoch());
            if (behindAfter || beforeResumed || between) {
                return true;
            }
        }
        return false;
    }

    private void fault(Member member, String what) {
        faults.add("instance " + member.instance() + ", room " + member.room() + ": " + what);
    }
}
