package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Identity;
import dev.roomcast.transport.Handshake;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MemberSetTest {

    private final Hub hub = new Hub(Rooms.builder());

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void a_member_is_in_once_and_out_once() {
        MemberSet set = new MemberSet();
        Membership member = member();
        assertTrue(set.add(member));
        assertFalse(set.add(member));
        assertEquals(1, set.size());
        assertTrue(set.remove(member));
        assertFalse(set.remove(member));
        assertEquals(0, set.size());
    }

    @Test
    void a_member_of_another_set_is_not_removed() {
        MemberSet one = new MemberSet();
        MemberSet two = new MemberSet();
        Membership member = member();
        one.add(member);
        two.add(member());
        assertFalse(two.remove(member));
        assertEquals(1, two.size());
    }

    @Test
    void any_sequence_of_adds_and_removes_ends_as_a_plain_set_would() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        MemberSet set = new MemberSet();
        Set<Membership> model = new HashSet<>();
        List<Membership> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(member());
        }
        for (int step = 0; step < 100_000; step++) {
            Membership member = all.get(random.nextInt(all.size()));
            boolean adds = random.nextInt(100) < (step / 10_000 % 2 == 0 ? 60 : 40);
            boolean expected = adds ? model.add(member) : model.remove(member);
            assertEquals(expected, adds ? set.add(member) : set.remove(member), "seed " + seed + ", step " + step);
            assertEquals(model.size(), set.size(), "seed " + seed + ", step " + step);
        }
        Set<Membership> seen = new HashSet<>();
        for (int i = 0; i < set.size(); i++) {
            seen.add(set.get(i));
        }
        assertEquals(model, seen, "seed " + seed);
    }

    @Test
    void a_user_is_here_as_long_as_one_of_its_connections() {
        MemberSet set = new MemberSet();
        Membership one = member("ann");
        Membership two = member("ann");
        set.add(one);
        assertTrue(set.has("ann"));
        assertFalse(set.has("ben"));
        set.add(two);
        set.add(member("ben"));
        assertTrue(set.has("ben"));
        set.remove(one);
        assertTrue(set.has("ann"));
        set.remove(two);
        assertFalse(set.has("ann"));
        set.forgetUsers();
        set.add(two);
        assertTrue(set.has("ann"));
    }

    /** Each question looked through all members: ten thousand leaves of one room were a hundred million steps. */
    @Test
    void who_is_here_is_looked_up_once_and_kept_until_nobody_asks() {
        MemberSet set = new MemberSet();
        Membership member = member("ann");
        set.add(member);
        assertFalse(set.knowsUsers());
        assertFalse(set.has("ben"));
        set.remove(member);
        assertTrue(set.knowsUsers());
        set.forgetUsers();
        assertFalse(set.knowsUsers());
    }

    private Membership member() {
        return member("ann");
    }

    private Membership member(String user) {
        LiveConnection connection = new LiveConnection(hub, Handshake.builder().build(), new NullTransport());
        connection.identify(Identity.of(user), user);
        return new Membership(connection, new LiveRoom("room", hub));
    }
}
