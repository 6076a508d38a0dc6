/** Fuzzing with a kept corpus, compiled with the tests of each module that reads input from outside. */
@NullMarked
package dev.roomcast.fuzz;

import org.jspecify.annotations.NullMarked;
