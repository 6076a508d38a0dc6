package dev.roomcast.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What a class of tests of the chat's page stands on: one browser, one chat as a process, and the tabs of the test that runs.
 * After each test they are closed, and nothing may stand in their consoles that it did not expect.
 */
final class ChatPages implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    private final String[] flags;
    private final List<ChatTab> tabs = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();
    private Browser browser;
    private ChatProcess chat;

    /** Flags are the chat's. */
    ChatPages(String... flags) {
        this.flags = flags;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        browser = Browser.start();
        chat = ChatProcess.start(0, flags);
    }

    ChatProcess chat() {
        return chat;
    }

    ChatTab open(URI address) {
        return kept(ChatTab.open(browser, address));
    }

    /** Comes into a room of a server, which may be another than {@link #chat()}. */
    ChatTab join(URI server, String room, String user) {
        return kept(ChatTab.joined(browser, server, room, user));
    }

    private ChatTab kept(ChatTab tab) {
        tabs.add(tab);
        return tab;
    }

    void close(ChatTab tab) {
        tab.close();
        tabs.remove(tab);
    }

    /** In this test an error in a console may contain one of these. */
    void expectErrors(String... parts) {
        expected.addAll(List.of(parts));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        List<String> errors = new ArrayList<>();
        for (ChatTab tab : tabs) {
            errors.addAll(tab.consoleErrors());
            tab.close();
        }
        if (browser != null) {
            // What a tab said between the look into its console and its end.
            errors.addAll(browser.consoleErrors());
        }
        errors.removeIf(error -> expected.stream().anyMatch(error::contains));
        tabs.clear();
        expected.clear();
        assertEquals(List.of(), errors);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (chat != null) {
            try (ChatProcess ends = chat) {
                assertEquals(0, ends.stop(), "exit code after SIGTERM");
            }
        }
    }
}
