package dev.roomcast.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chat's page in a real browser, against {@code chat.jar} as a process. */
class ChatPageTest {

    @RegisterExtension
    static final ChatPages PAGES = new ChatPages();

    @Test
    void twoTabsTalkBothWaysInOrder(TestInfo test) {
        ChatTab north = join(test, "North");
        ChatTab south = join(test, "South");
        north.awaitLine("South joined");
        north.awaitMembers("North", "South");
        south.awaitMembers("South", "North");

        north.say("one");
        south.awaitMessages("one");
        south.say("two");
        north.awaitMessages("one", "two");
        for (String more : List.of("three", "four", "five")) {
            north.say(more);
        }
        south.awaitMessages("one", "two", "three", "four", "five");
        north.awaitMessages("one", "two", "three", "four", "five");
        assertEquals(List.of("one", "three", "four", "five"), north.ownMessages());
        assertEquals(List.of("two"), south.ownMessages());
    }

    @Test
    void markupIsShownAsTextAndExecutesNothing(TestInfo test) {
        String attack = "<img src=x onerror=\"window.executed=1\"><script>window.executed=1</script>";
        ChatTab north = join(test, "<b onclick=x>North</b>");
        ChatTab south = join(test, "South");

        north.say(attack);
        south.awaitMessages(attack);
        north.awaitMessages(attack);
        south.awaitMembers("South", "<b onclick=x>North</b>");
        for (ChatTab tab : List.of(north, south)) {
            assertNull(tab.script("return window.executed"));
            assertEquals(0L, tab.script("return document.querySelectorAll('#chat img, #chat script, #chat b').length"));
        }
    }

    @Test
    void linesAndLongWordsKeepTheirForm(TestInfo test) {
        ChatTab north = join(test, "North");
        String lines = "first\n  second\nthird";
        north.script("document.getElementById('text').value = 'first\\n  second\\nthird'");
        north.say("");
        String word = "word".repeat(100);
        north.say(word);
        north.awaitMessages(lines, word);
        assertEquals(
                0L,
                north.script("const log = document.getElementById('log'); return log.scrollWidth - log.clientWidth"));
    }

    @Test
    void theOtherSeesWhoLeaves(TestInfo test) {
        ChatTab north = join(test, "North");
        ChatTab south = join(test, "South");
        ChatTab west = join(test, "West");

        south.click("leave");
        south.awaitShown("entry");
        north.awaitLine("South left");
        PAGES.close(west);
        north.awaitLine("West left");
        north.awaitMembers("North");
    }

    @Test
    void aReloadComesBackIntoTheRoom(TestInfo test) {
        ChatTab north = join(test, "North");
        ChatTab south = join(test, "South");
        north.say("before");
        south.awaitMessages("before");

        south.reload();
        south.awaitLine("You joined");
        south.awaitMembers("South", "North");
        north.awaitLine("South left");
        north.say("after");
        south.awaitMessages("after");
    }

    @Test
    void aLinkNamesTheRoomAndTheNameIsRemembered(TestInfo test) {
        ChatTab north = join(test, "North");
        URI link = URI.create((String) north.script("return location.href"));
        assertFalse(link.toString().contains("North"), link::toString);

        ChatTab other = PAGES.open(link);
        assertEquals(room(test), other.valueOf("room-name"));
        assertEquals("North", other.valueOf("name"));
        other.join("South");
        north.awaitLine("South joined");
    }

    @Test
    void whoIsToldToSlowDownLosesNothing(TestInfo test) {
        ChatTab north = join(test, "North");
        // More than the burst of the default rate, faster than a person types.
        north.script("const text = document.getElementById('text');"
                + "for (let i = 0; i < 300; i++) { text.value = 'm' + i; document.getElementById('send').click(); }");
        north.awaitShown("hint");
        assertTrue(((String) north.script("return document.getElementById('hint').textContent")).contains("Slow down"));
        // Each one is still there, and goes out when it may.
        assertEquals(300, north.ownMessages().size());
        north.awaitNothingWaits();
        assertEquals(
                IntStream.range(0, 300).mapToObj(i -> "m" + i).sorted().toList(),
                north.ownMessages().stream().sorted().toList());
    }

    @Test
    void aServerThatComesBackIsFoundAgain() throws Exception {
        // What a browser says of a server that is going, and of one that has gone.
        PAGES.expectErrors(
                "ERR_CONNECTION_REFUSED",
                "Unexpected response code: 503",
                "Connection closed before receiving a handshake response");
        ChatProcess first = ChatProcess.start(0);
        try (first) {
            ChatTab north = PAGES.join(first.uri(), "lobby", "North");
            ChatTab south = PAGES.join(first.uri(), "lobby", "South");
            north.look("light", 1280, 800, false);
            north.say("before");
            south.awaitMessages("before");

            assertEquals(0, first.stop());
            north.awaitState("offline");
            north.awaitShown("offline");
            north.say("written while offline");
            assertEquals("", north.typed());
            assertEquals(List.of("before", "written while offline"), north.messages());
            north.type("half a sentence");
            north.screenshot("light-desktop-offline");

            try (ChatProcess second = ChatProcess.start(first.uri().getPort())) {
                north.awaitState("online");
                south.awaitState("online");
                north.awaitLine("You are back");
                north.awaitNothingWaits();
                north.awaitMessages("before", "written while offline");
                // What was said before South was back is not to be had: the server has forgotten what was.
                south.say("after");
                south.awaitLastMessage("after");
                north.awaitMessages("before", "written while offline", "after");
                assertEquals("half a sentence", north.typed());
                assertEquals(0, second.stop());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lobby, light, phone, 360, 740",
        "kitchen, light, desktop, 1280, 800",
        "garden, dark, phone, 360, 740",
        "attic, dark, desktop, 1280, 800",
    })
    void itFitsAndIsPhotographed(String room, String scheme, String device, int width, int height) throws Exception {
        String name = scheme + "-" + device;
        boolean phone = device.equals("phone");
        ChatTab entry = PAGES.open(PAGES.chat().uri());
        entry.look(scheme, width, height, phone);
        entry.awaitShown("entry");
        entry.screenshot(name + "-entry");
        assertNothingSticksOut(entry);

        ChatTab south = PAGES.join(PAGES.chat().uri(), room, "South");
        ChatTab north = PAGES.join(PAGES.chat().uri(), room, "North");
        north.look(scheme, width, height, phone);
        south.say("Good morning! Is the door on the second floor open already?");
        north.awaitMessages("Good morning! Is the door on the second floor open already?");
        north.say("It is. Come up whenever you like.");
        north.say("Bring a cup, we are short of them.");
        ChatTab west = PAGES.join(PAGES.chat().uri(), room, "A name that is somewhat longer than most");
        west.say("<b>Markup</b> stays what it is, and soIsAWordThatIsMuchTooLongForASmallScreenOfAPhone.");
        west.say("ok");
        west.click("leave");
        north.awaitLine("left");
        north.type("Half a sentence");
        assertNothingSticksOut(north);
        north.screenshot(name + "-chat");
        if (phone) {
            north.click("people-toggle");
            north.awaitShown("people");
            north.screenshot(name + "-members");
        }
    }

    private static void assertNothingSticksOut(ChatTab tab) {
        assertEquals(0L, tab.script("return Math.max(0, document.documentElement.scrollWidth - innerWidth)"));
    }

    private static ChatTab join(TestInfo test, String user) {
        return PAGES.join(PAGES.chat().uri(), room(test), user);
    }

    /** A room of its own for each test. */
    private static String room(TestInfo test) {
        return test.getTestMethod().orElseThrow().getName();
    }
}
