/**
 * Rooms across several instances, through Redis.
 *
 * <p>The bridge is not there yet: this package has no class, and nothing that it does can be used. Until it is, one
 * instance with the local bridge is what Roomcast offers.
 */
@NullMarked
package dev.roomcast.redis;

import org.jspecify.annotations.NullMarked;
