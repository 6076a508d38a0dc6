/** What is said in a room, and where it stands in the room's order. Immutable values; no I/O. */
@NullMarked
package dev.roomcast.message;

import org.jspecify.annotations.NullMarked;
