/** The one source of time and timers, so that a test can turn the clock by hand. */
@NullMarked
package dev.roomcast.time;

import org.jspecify.annotations.NullMarked;
