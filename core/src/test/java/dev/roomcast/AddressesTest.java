package dev.roomcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.guard.Rate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AddressesTest {

    private final AtomicInteger forgotten = new AtomicInteger();
    private final Addresses addresses = new Addresses(new Rate(1, 2), 3, forgotten::incrementAndGet);

    @Test
    void each_address_has_a_rate_of_its_own() {
        assertTrue(addresses.take("a", 0));
        assertTrue(addresses.take("a", 0));
        assertFalse(addresses.take("a", 0));
        assertTrue(addresses.take("b", 0));
        assertTrue(addresses.take("a", TimeUnit.SECONDS.toNanos(1)));
        assertFalse(addresses.take("a", TimeUnit.SECONDS.toNanos(1)));
    }

    @Test
    void the_one_that_was_quiet_longest_is_forgotten() {
        for (String address : new String[] {"a", "a", "b", "b", "c", "c"}) {
            assertTrue(addresses.take(address, 0));
        }
        assertFalse(addresses.take("a", 0), "now b was quiet longest");
        assertTrue(addresses.take("d", 0));
        assertEquals(1, forgotten.get());
        assertFalse(addresses.take("a", 0));
        assertFalse(addresses.take("c", 0));
        assertTrue(addresses.take("b", 0), "as one never seen");
        assertEquals(2, forgotten.get());
    }
}
