import org.jspecify.annotations.NullMarked;

/** What tests of Roomcast, and of what is built on it, need: fakes, a hand-turned clock, contract suites. */
@NullMarked
module dev.roomcast.testkit {
    requires transitive dev.roomcast;
    requires static transitive org.junit.jupiter.api;
    requires static transitive org.jspecify;

    exports dev.roomcast.testkit;
}
