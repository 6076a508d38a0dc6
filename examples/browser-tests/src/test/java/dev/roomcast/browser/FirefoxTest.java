package dev.roomcast.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.support.ui.FluentWait;

/** The chat's page in Firefox: two people talk, the server is restarted under them, and both see everything, once. */
@Timeout(180)
class FirefoxTest {

    /** Long enough for the longest pause between two attempts to reconnect. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String MESSAGES =
            "[...document.querySelectorAll('#log .message .text')].map(found => found.textContent)";

    @Test
    void twoTalkAndAServerThatIsRestartedUnderThemIsNoticedByNeither() throws Exception {
        try (Firefox firefox = Firefox.start();
                ChatProcess first = ChatProcess.start(0)) {
            String north = join(firefox, first, "North");
            String south = join(firefox, first, "South");
            say(firefox, north, "one");
            awaitMessages(firefox, south, "one");
            say(firefox, south, "two");
            awaitMessages(firefox, north, "one", "two");

            int port = first.uri().getPort();
            assertEquals(0, first.stop());
            say(firefox, north, "meanwhile");
            try (ChatProcess second = ChatProcess.start(port)) {
                awaitMessages(firefox, south, "one", "two", "meanwhile");
                awaitMessages(firefox, north, "one", "two", "meanwhile");
                await(firefox, south, "document.getElementById('status').dataset.state", "\"online\"");
                say(firefox, south, "after");
                awaitMessages(firefox, north, "one", "two", "meanwhile", "after");
                awaitMessages(firefox, south, "one", "two", "meanwhile", "after");
                await(firefox, north, "document.querySelectorAll('#people-list li').length", "2");
                for (String tab : List.of(north, south)) {
                    await(firefox, tab, "document.getElementById('offline').hidden", "true");
                    await(firefox, tab, "document.getElementById('hint').hidden", "true");
                }
                // The browser itself says that a connection could not be made; nothing else may stand there.
                assertEquals(
                        List.of(),
                        firefox.errors().stream()
                                .filter(error -> !error.contains("establish a connection to the server at ws:"))
                                .toList());
                firefox.screenshot(north, "firefox-restarted");
                assertEquals(0, second.stop());
            }
        }
    }

    /** By address, since this Firefox looks up no names. */
    private static String join(Firefox firefox, ChatProcess chat, String user) {
        URI page = URI.create("http://127.0.0.1:" + chat.uri().getPort() + "/?room=fox&user=" + user);
        String tab = firefox.open(page);
        await(firefox, tab, "document.getElementById('status').dataset.state", "\"online\"");
        return tab;
    }

    private static void say(Firefox firefox, String tab, String words) {
        firefox.evaluate(
                tab,
                "(document.getElementById('text').value = '" + words
                        + "', document.getElementById('composer').requestSubmit())");
    }

    private static void awaitMessages(Firefox firefox, String tab, String... messages) {
        await(firefox, tab, MESSAGES, Texts.json(messages));
    }

    private static void await(Firefox firefox, String tab, String expression, String json) {
        new FluentWait<>(firefox)
                .withTimeout(PATIENCE)
                .pollingEvery(Duration.ofMillis(50))
                .withMessage(() -> expression + " is " + firefox.evaluate(tab, expression) + " and not " + json)
                .until(asked -> asked.evaluate(tab, expression).equals(json));
    }
}
