package dev.roomcast.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page of {@code xss/harness.js}, in a tab that shows whatever it is told. */
final class HostilePage {

    /** In every frame before any of its scripts, also in those that the attacks themselves make. */
    private static final String DISARM = "for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) {"
            + " self[name] = () => { top.postMessage('executed', '*'); }; }";

    private static final String CALL = "const [name, args, done] = arguments;"
            + " Promise.resolve(harness[name](...args)).then(done, failed => done('FAILED ' + failed.stack));";

    private final ChromeDriver driver;
    private final String address;
    private final int windows;

    /** What became of the strings that came over the wire. */
    record Findings(int strings, List<String> ran, List<String> made) {}

    HostilePage(ChromeDriver driver, URI server) {
        this.driver = driver;
        driver.manage().timeouts().scriptTimeout(Duration.ofSeconds(50));
        driver.get(server.toString());
        this.address = driver.getCurrentUrl();
        this.windows = driver.getWindowHandles().size();
    }

    /** What would be a dialog or a window becomes a message to the page. To be called once for a browser. */
    static void disarm(ChromeDriver driver) {
        driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", DISARM));
    }

    void listen(String path, String room) {
        call("listen", path, room);
    }

    void awaitContent(String content) {
        call("until", content);
    }

    /** Enters rooms with these names and leaves them; returns how many names were refused. */
    int visit(List<String> rooms) {
        return ((Long) call("visit", rooms)).intValue();
    }

    /** Shows all strings that came, so many in each frame, and does what makes them run. */
    Findings provoke(String sink, int together) {
        return Texts.read((String) call("provoke", sink, together), Findings.class);
    }

    /** The contents that came, as they are to be read. */
    @SuppressWarnings("unchecked")
    List<String> read(String sink) {
        return (List<String>) call("read", sink);
    }

    /** No dialog, no other window, and still the same page. */
    void assertUntouched() {
        assertEquals(windows, driver.getWindowHandles().size());
        assertEquals(address, driver.getCurrentUrl());
        assertEquals("What does a page execute?", driver.getTitle());
    }

    private Object call(String function, Object... arguments) {
        Object result = driver.executeAsyncScript(CALL, function, List.of(arguments));
        if (result instanceof String text && text.startsWith("FAILED ")) {
            throw new AssertionError(text);
        }
        return result;
    }
}
