/** Who comes in and how much: pure functions of a message, a clock and the configuration. */
@NullMarked
package dev.roomcast.guard;

import org.jspecify.annotations.NullMarked;
