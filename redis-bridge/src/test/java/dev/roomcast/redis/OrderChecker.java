package dev.roomcast.redis;

import dev.roomcast.message.Position;
import dev.roomcast.redis.Account.Gap;
import dev.roomcast.redis.Account.Witness;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Knows every acknowledged message, and says where a member was shown something else: a message missing without a gap that
 * covers it, one twice, one out of order, two orders, or one that was refused for good.
 */
final class OrderChecker {

    private static final int MOST_FAULTS = 20;

    private final Account account;
    private final boolean gapsExcuse;
    private final List<String> faults = new ArrayList<>();
    private final Set<Long> refused;

    /** By room and epoch: what stands at each offset, over all members. */
    private final Map<List<Integer>, Longs> orders = new HashMap<>();

    private OrderChecker(Account account, boolean gapsExcuse) {
        this.account = account;
        this.gapsExcuse = gapsExcuse;
        this.refused = new HashSet<>(account.refused);
    }

    /** The faults; empty if there is none. */
    static List<String> check(Account account) {
        return check(account, true);
    }

    /** The faults when a gap is no excuse. */
    static List<String> checkThatNothingIsMissing(Account account) {
        return check(account, false);
    }

    private static List<String> check(Account account, boolean gapsExcuse) {
        synchronized (account) {
            OrderChecker checker = new OrderChecker(account, gapsExcuse);
            account.witnesses.forEach(checker::check);
            return checker.faults.stream().limit(MOST_FAULTS).toList();
        }
    }

    private void check(Witness witness) {
        Map<Integer, Longs> seen = new HashMap<>();
        Set<Integer> epochs = new HashSet<>();
        Map<Integer, Integer> last = new HashMap<>();
        long before = 0;
        for (int i = 0; i < witness.contents.size(); i++) {
            long content = witness.contents.get(i);
            long place = witness.places.get(i);
            Longs ofPublisher = seen.computeIfAbsent(Account.publisher(content), publisher -> new Longs());
            if (ofPublisher.get(Account.number(content)) != 0) {
                fault(witness, content, place, "came twice");
            }
            ofPublisher.put(Account.number(content), place);
            if (refused.contains(content)) {
                fault(witness, content, place, "was refused, and came");
            }
            Longs order = orders.computeIfAbsent(List.of(witness.room, Account.epoch(place)), epoch -> new Longs());
            long other = order.get(Account.offset(place));
            order.put(Account.offset(place), content);
            if (other != 0 && other != content) {
                fault(witness, content, place, "stands where others saw " + Account.text(other));
            }
            boolean sameEpoch = Account.epoch(before) == Account.epoch(place);
            if (sameEpoch && Account.offset(place) <= Account.offset(before)) {
                fault(witness, content, place, "came behind " + account.position(before));
            }
            if (!sameEpoch && !epochs.add(Account.epoch(place)) && !account.isOwn(before)) {
                fault(witness, content, place, "came when its epoch was over");
            }
            if (last.getOrDefault(Account.epoch(place), 0) >= Account.offset(place)) {
                fault(witness, content, place, "came when others of its epoch had come");
            }
            last.put(Account.epoch(place), Account.offset(place));
            before = place;
        }
        for (int i = 0; i < account.acknowledged.size(); i++) {
            long content = account.acknowledged.get(i);
            long place = account.acknowledgedAt.get(i);
            if (account.roomOf(content) == witness.room) {
                Longs ofPublisher = seen.get(Account.publisher(content));
                long received = ofPublisher == null ? 0 : ofPublisher.get(Account.number(content));
                check(witness, content, place, received, before, epochs);
            }
        }
    }

    private void check(Witness witness, long content, long place, long received, long last, Set<Integer> epochs) {
        if (account.isOwn(place)) {
            checkOwn(witness, content, place, received);
        } else if (received == 0) {
            boolean excused =
                    isOutside(witness, place, last, epochs) || (gapsExcuse && isCovered(witness.gaps, place, epochs));
            if (!excused) {
                fault(witness, content, place, "is missing without a gap");
            }
        } else if (received != place && Account.epoch(received) == Account.epoch(place)) {
            fault(witness, content, place, "came at " + account.position(received));
        }
    }

    /** What an instance acknowledged on its own comes to all its members, with no gap as an excuse, and to nobody else. */
    private void checkOwn(Witness witness, long content, long place, long received) {
        boolean isHere = witness.name.startsWith("user-" + Account.publisher(content) + "-");
        if (isHere && received != place) {
            fault(witness, content, place, "was said here and did not come");
        } else if (!isHere && received != 0) {
            fault(witness, content, place, "was said elsewhere alone, and came");
        }
    }

    /** Whether the member was not yet there, or no longer. */
    private boolean isOutside(Witness witness, long place, long last, Set<Integer> epochs) {
        Position joined = witness.joined;
        Position position = account.position(place);
        boolean inAnEpochThatItSaw = epochs.contains(Account.epoch(place))
                || (joined != null && joined.epoch().equals(position.epoch()));
        if (joined != null) {
            boolean notYet = joined.comparableTo(position) ? position.offset() <= joined.offset() : !inAnEpochThatItSaw;
            if (notYet) {
                return true;
            }
        }
        return !witness.stayed()
                && (last == 0 || (Account.epoch(last) == Account.epoch(place) ? place > last : !inAnEpochThatItSaw));
    }

    /** Whether a gap says that the message may be missing. */
    private boolean isCovered(List<Gap> gaps, long place, Set<Integer> epochs) {
        Position position = account.position(place);
        for (Gap gap : gaps) {
            boolean crosses = !gap.after().comparableTo(gap.resumed());
            boolean behindAfter = gap.after().comparableTo(position)
                    && position.offset() > gap.after().offset()
                    && (crosses || position.offset() <= gap.resumed().offset());
            boolean beforeResumed = crosses
                    && gap.resumed().comparableTo(position)
                    && position.offset() <= gap.resumed().offset();
            // An epoch that came and went while this instance was away.
            boolean between = crosses && !epochs.contains(Account.epoch(place));
            if (behindAfter || beforeResumed || between) {
                return true;
            }
        }
        return false;
    }

    private void fault(Witness witness, long content, long place, String what) {
        if (faults.size() < MOST_FAULTS) {
            faults.add(witness + ": " + Account.text(content) + " at " + account.position(place) + " " + what);
        }
    }
}
