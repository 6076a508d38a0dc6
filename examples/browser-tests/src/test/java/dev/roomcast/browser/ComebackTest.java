package dev.roomcast.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.RedisServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person sees when the network, the tab or the server goes away and comes back: everything, once, without a reload. */
class ComebackTest {

    @RegisterExtension
    static final ChatPages PAGES = new ChatPages();

    /** A browser itself says in the console that a connection could not be made; nothing else may stand there. */
    @BeforeEach
    void connectionsFail() {
        PAGES.expectErrors("WebSocket connection to");
    }

    @Test
    void whatIsSaidOnBothSidesOfACutIsShownOnceAndInOrder() throws Exception {
        try (Wire wire = new Wire(PAGES.chat().uri())) {
            ChatTab north = PAGES.join(wire.uri(), "cut", "North");
            ChatTab south = PAGES.join(PAGES.chat().uri(), "cut", "South");
            north.look("light", 1280, 800, false);
            north.script("window.sameDocument = true");
            north.say("before");
            south.awaitMessages("before");

            north.network(false);
            wire.down();
            north.awaitState("offline");
            south.say("south 1");
            north.say("north 1");
            south.say("south 2");
            north.say("north 2");
            south.awaitMessages("before", "south 1", "south 2");
            north.awaitMessages("before", "north 1", "north 2");
            north.awaitShown("offline");
            north.screenshot("light-desktop-cut");

            wire.up();
            north.network(true);
            String[] all = {"before", "south 1", "south 2", "north 1", "north 2"};
            south.awaitMessages(all);
            north.awaitMessages(all);
            north.awaitNothingWaits();
            north.awaitState("online");
            north.say("after");
            south.awaitMessages("before", "south 1", "south 2", "north 1", "north 2", "after");
            assertNothingWentWrong(north);
            assertEquals(
                    1, north.lines().stream().filter("You are back."::equals).count(), north.lines()::toString);
            north.screenshot("light-desktop-back");
        }
    }

    @Test
    void aTabThatWasSuspendedShowsWhatItMissed() throws Exception {
        try (Wire wire = new Wire(PAGES.chat().uri())) {
            ChatTab north = PAGES.join(wire.uri(), "frozen", "North");
            ChatTab south = PAGES.join(PAGES.chat().uri(), "frozen", "South");
            north.script("window.sameDocument = true");
            north.say("before");
            south.awaitMessages("before");

            north.lifecycle("frozen");
            south.say("one");
            wire.down();
            south.say("two");
            south.awaitMessages("before", "one", "two");
            wire.up();
            north.lifecycle("active");
            north.awaitMessages("before", "one", "two");
            north.say("after");
            south.awaitMessages("before", "one", "two", "after");
            assertNothingWentWrong(north);
            north.screenshot("light-desktop-resumed");
        }
    }

    @Test
    void aServerThatIsRestartedUnderThePageShowsNoError() throws Exception {
        try (ChatProcess first = ChatProcess.start(0)) {
            ChatTab north = PAGES.join(first.uri(), "restart", "North");
            ChatTab south = PAGES.join(first.uri(), "restart", "South");
            north.script("window.sameDocument = true");
            north.say("before");
            south.awaitMessages("before");

            assertEquals(0, first.stop());
            north.say("meanwhile");
            north.screenshot("light-desktop-restarting");
            try (ChatProcess second = ChatProcess.start(first.uri().getPort())) {
                south.awaitMessages("before", "meanwhile");
                north.awaitMessages("before", "meanwhile");
                south.awaitState("online");
                south.say("after");
                north.awaitMessages("before", "meanwhile", "after");
                north.awaitMembers("North", "South");
                assertNothingWentWrong(north);
                assertNothingWentWrong(south, false);
                north.screenshot("light-desktop-restarted");
                assertEquals(0, second.stop());
            }
        }
    }

    @Test
    void aServerThatLosesItsRedisSaysSoAndWhatWasSaidMeanwhileGoesOutOnReturn() throws Exception {
        RedisServer.assumeAvailable();
        try (RedisServer redis = RedisServer.start();
                ChatProcess alone = ChatProcess.start(0, "--redis", redis.uri())) {
            ChatTab north = PAGES.join(alone.uri(), "alone", "North");
            north.say("before");
            north.awaitMessages("before");

            redis.kill();
            north.awaitState("isolated");
            assertTrue(north.isShown("hint"));
            north.say("meanwhile");
            assertEquals("Others out of sight", north.textOf("status-text"));
            north.screenshot("light-desktop-isolated");
            redis.restart();
            north.awaitState("online");
            north.awaitNothingWaits();
            assertFalse(north.isShown("hint"), () -> "hint: " + north.textOf("hint"));
        }
    }

    private static void assertNothingWentWrong(ChatTab tab) {
        assertNothingWentWrong(tab, true);
    }

    private static void assertNothingWentWrong(ChatTab tab, boolean isMarked) {
        if (isMarked) {
            assertEquals(true, tab.script("return window.sameDocument"), "the page was loaded anew");
        }
        assertFalse(tab.isShown("offline"), "still says that it is offline");
        assertFalse(tab.isShown("hint"), () -> "hint: " + tab.textOf("hint"));
        assertFalse(tab.isShown("ask"));
        assertTrue(tab.isShown("chat"));
        assertEquals(0L, tab.script("return document.querySelectorAll('#log .failed').length"));
    }
}
