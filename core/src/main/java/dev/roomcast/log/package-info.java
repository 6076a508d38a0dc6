/** Logging of faults, bounded and without text that a client could forge. For the modules of Roomcast only. */
@NullMarked
package dev.roomcast.log;

import org.jspecify.annotations.NullMarked;
