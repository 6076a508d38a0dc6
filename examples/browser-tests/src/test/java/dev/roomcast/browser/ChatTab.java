package dev.roomcast.browser;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The chat's page in one tab. Every method brings its tab to the front first. */
final class ChatTab {

    /** Long enough for the longest pause between two attempts to reconnect. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Browser browser;
    private final ChromeDriver driver;
    private final String window;

    private ChatTab(Browser browser) {
        this.browser = browser;
        this.driver = browser.driver();
        this.window = driver.switchTo().newWindow(WindowType.TAB).getWindowHandle();
    }

    static ChatTab open(Browser browser, URI address) {
        ChatTab tab = new ChatTab(browser);
        tab.driver.get(address.toString());
        return tab;
    }

    /** Fills in the form, as a person does. */
    static ChatTab joined(Browser browser, URI server, String room, String user) {
        ChatTab tab = open(browser, server.resolve("?room=" + URLEncoder.encode(room, StandardCharsets.UTF_8)));
        tab.join(user);
        return tab;
    }

    void join(String user) {
        fill("name", user);
        awaitLine("You joined");
    }

    /** Fills in the form of who has a token. */
    void enter(String room) {
        awaitShown("as-token");
        fill("room-name", room);
        awaitLine("You joined");
    }

    /** Fills in one field and sends its form. */
    void fill(String id, String text) {
        WebElement field = find(id);
        field.clear();
        field.sendKeys(text, Keys.ENTER);
    }

    void type(String text) {
        find("text").sendKeys(text);
    }

    void say(String text) {
        find("text").sendKeys(text, Keys.ENTER);
    }

    void click(String id) {
        find(id).click();
    }

    void reload() {
        front().navigate().refresh();
    }

    void close() {
        front();
        browser.closeTab();
    }

    // ---- what it shows ----

    String title() {
        return find("title-text").getText();
    }

    String typed() {
        return find("text").getDomProperty("value");
    }

    String textOf(String id) {
        return find(id).getText();
    }

    String valueOf(String id) {
        return find(id).getDomProperty("value");
    }

    /** The texts of the messages, without their time, in the order shown. */
    List<String> messages() {
        return texts("#log .message .text");
    }

    List<String> ownMessages() {
        return texts("#log .message.mine .text");
    }

    List<String> lines() {
        return texts("#log .line");
    }

    List<String> members() {
        return texts("#people-list .name");
    }

    // ---- waiting for it ----

    void awaitMessages(String... expected) {
        await(List.of(expected), this::messages);
    }

    void awaitLastMessage(String expected) {
        await(expected, () -> {
            List<String> all = messages();
            return all.isEmpty() ? "" : all.get(all.size() - 1);
        });
    }

    void awaitMembers(String... expected) {
        await(List.of(expected), this::members);
    }

    void awaitLine(String part) {
        await(true, () -> lines().stream().anyMatch(line -> line.contains(part)));
    }

    void awaitState(String state) {
        await(state, () -> find("status").getDomAttribute("data-state"));
    }

    void awaitShown(String id) {
        await(true, () -> find(id).isDisplayed());
    }

    /** Until each of its own messages is in the room, or has failed. */
    void awaitNothingWaits() {
        await(List.of(), () -> texts("#log .outgoing:not(.failed) .text"));
    }

    private <T> void await(T expected, Supplier<T> actual) {
        new WebDriverWait(front(), PATIENCE, Duration.ofMillis(50))
                .withMessage(() -> "expected " + expected + " but there is " + actual.get())
                .until(any -> expected.equals(actual.get()));
    }

    boolean isShown(String id) {
        return find(id).isDisplayed();
    }

    // ---- what happens to it ----

    /** As the browser sees it: pages are told, and requests fail. */
    void network(boolean isOnline) {
        front();
        driver.executeCdpCommand(
                "Network.emulateNetworkConditions",
                Map.of("offline", !isOnline, "latency", 0, "downloadThroughput", -1, "uploadThroughput", -1));
    }

    /** {@code frozen}, as a browser does with a tab that nobody has looked at for long, or {@code active}. */
    void lifecycle(String state) {
        front();
        driver.executeCdpCommand("Page.setWebLifecycleState", Map.of("state", state));
    }

    // ---- looks ----

    void look(String scheme, int width, int height, boolean phone) {
        front();
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", phone ? 2 : 1, "mobile", phone));
    }

    void screenshot(String name) throws IOException {
        Path folder = Path.of(System.getProperty("roomcast.screenshots", "target/screenshots"));
        Files.createDirectories(folder);
        Files.write(folder.resolve(name + ".png"), front().getScreenshotAs(OutputType.BYTES));
    }

    /** What the console said since the last call that is an error. */
    List<String> consoleErrors() {
        front();
        return browser.consoleErrors();
    }

    Object script(String javascript) {
        return front().executeScript(javascript);
    }

    private ChromeDriver front() {
        driver.switchTo().window(window);
        return driver;
    }

    private WebElement find(String id) {
        return front().findElement(By.id(id));
    }

    /** In one step, so that a list which changes meanwhile is read whole, as it was before or after. */
    @SuppressWarnings("unchecked")
    private List<String> texts(String selector) {
        return (List<String>) front().executeScript(
                        "return [...document.querySelectorAll(arguments[0])].map(found => found.textContent)",
                        selector);
    }
}
