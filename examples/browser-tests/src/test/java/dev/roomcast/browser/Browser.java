package dev.roomcast.browser;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/**
 * A headless Chromium with a fresh profile. Found on the PATH, or named by the environment variables CHROME and
 * CHROMEDRIVER. Where there is none the tests are skipped, unless ROOMCAST_REQUIRE_BROWSER=true.
 */
final class Browser implements AutoCloseable {

    /** Its warning that the DevTools are newer than Selenium does not concern the few commands used here. */
    private static final Logger DEVTOOLS = Logger.getLogger("org.openqa.selenium.devtools");

    private final ChromeDriver driver;
    private final Path profile;
    /** A window that stays open: a browser whose last one is closed ends. */
    private final String home;

    private Browser(ChromeDriver driver, Path profile) {
        this.driver = driver;
        this.profile = profile;
        this.home = driver.getWindowHandle();
    }

    /** Starts one; arguments are Chromium's, beside those that all tests need. */
    static Browser start(String... arguments) throws IOException {
        Optional<Path> chrome = find("CHROME", "chromium", "chromium-browser", "google-chrome");
        Optional<Path> chromedriver = find("CHROMEDRIVER", "chromedriver");
        if (chrome.isEmpty() || chromedriver.isEmpty()) {
            String missing = "no " + (chrome.isEmpty() ? "Chromium" : "chromedriver")
                    + " on the PATH or in CHROME / CHROMEDRIVER: the page is not tested";
            if ("true".equals(System.getenv("ROOMCAST_REQUIRE_BROWSER"))) {
                fail(missing);
            }
            // Maven's output only counts what was skipped.
            System.err.println("SKIPPED: " + missing);
            abort(missing);
        }
        DEVTOOLS.setLevel(Level.SEVERE);
        Path profile = Files.createTempDirectory("roomcast-browser");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chrome.orElseThrow().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                // The tests have all they need on this machine.
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
                "--window-size=1280,800",
                "--user-data-dir=" + profile);
        options.addArguments(arguments);
        options.setCapability("goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL"));
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.orElseThrow().toFile())
                .usingAnyFreePort()
                .build();
        try {
            return new Browser(new ChromeDriver(service, options), profile);
        } catch (RuntimeException failed) {
            service.stop();
            delete(profile);
            throw failed;
        }
    }

    static Optional<Path> find(String variable, String... names) {
        String named = System.getenv(variable);
        if (named != null) {
            return Optional.of(Path.of(named));
        }
        List<String> folders = List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
        return Stream.of(names)
                .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    ChromeDriver driver() {
        return driver;
    }

    /** Closes the tab that is in front. */
    void closeTab() {
        driver.close();
        driver.switchTo().window(home);
    }

    /** What the console said since the last call that is an error, in the tab that is in front. */
    List<String> consoleErrors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    @Override
    public void close() throws IOException {
        driver.quit();
        delete(profile);
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
