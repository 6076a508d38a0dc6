package dev.roomcast.browser;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The chat's page where the server asks for a token. */
class ChatTokenPageTest {

    private static final String SECRET = "a secret of this test, and of no other";

    @RegisterExtension
    static final ChatPages PAGES = new ChatPages("--auth-secret", SECRET, "--invite", "demo");

    private static URI link;

    @BeforeAll
    static void start() throws Exception {
        link = URI.create(PAGES.chat().lineAfter("Come in as demo: "));
    }

    @Test
    void thePrintedLinkLetsOneTalk() throws Exception {
        ChatTab demo = PAGES.open(link);
        demo.awaitShown("entry");
        assertEquals("demo", demo.textOf("token-name"));
        demo.enter("talk");
        ChatTab south = PAGES.open(linkOf("South"));
        south.enter("talk");
        demo.awaitLine("South joined");

        demo.say("one");
        south.awaitMessages("one");
        south.say("two");
        demo.awaitMessages("one", "two");
        demo.awaitMembers("demo", "South");
    }

    @Test
    void theTokenIsNowhereToBeSeen() {
        String token = link.getFragment().substring("token=".length());
        ChatTab demo = PAGES.open(link);
        demo.awaitShown("entry");
        assertNoTokenIn(demo, token);
        demo.enter("quiet");
        assertNoTokenIn(demo, token);
        assertEquals(PAGES.chat().uri().resolve("?room=quiet").toString(), demo.script("return location.href"));
        assertEquals(token, demo.script("return sessionStorage['roomcast.token']"));
    }

    @Test
    void aReloadComesBackIntoTheRoom() throws Exception {
        ChatTab demo = PAGES.open(link);
        demo.enter("again");
        ChatTab south = PAGES.open(linkOf("South"));
        south.enter("again");
        demo.reload();
        demo.awaitLine("You joined");
        demo.awaitMembers("demo", "South");
        south.say("welcome back");
        demo.awaitMessages("welcome back");
    }

    @Test
    void whoHasNoTokenIsAskedForOne() throws Exception {
        ChatTab tab = PAGES.open(PAGES.chat().uri().resolve("?room=asked"));
        tab.awaitShown("entry");
        tab.fill("name", "Somebody");
        tab.awaitShown("ask");
        assertTrue(tab.textOf("ask-why").startsWith("This server lets in only who has a token"), tab.textOf("ask-why"));
        assertEquals("password", tab.script("return document.getElementById('token').type"));
        tab.screenshot("light-desktop-token");

        tab.fill("token", tokenOf("North"));
        tab.awaitLine("You joined");
        tab.awaitMembers("North");
        tab.say("hello");
        tab.awaitMessages("hello");
        assertEquals("", tab.valueOf("token"));
    }

    @Test
    void aWrongTokenShowsTheFormAndAGoodOneHelps() throws Exception {
        ChatTab tab = PAGES.open(PAGES.chat().uri().resolve("?room=wrong#token=not-a-token"));
        tab.awaitShown("ask");
        assertFalse(((String) tab.script("return location.href")).contains("token"));
        assertTrue(tab.textOf("ask-why").startsWith("The server did not accept your token"), tab.textOf("ask-why"));

        tab.fill("token", "not one either");
        tab.awaitShown("ask");
        // A whole link does, too.
        tab.fill("token", linkOf("South").toString());
        tab.awaitLine("You joined");
        tab.awaitMembers("South");
    }

    @Test
    void whoseTokenExpiresIsAskedForAnotherAndLosesNothing() throws Exception {
        ChatTab tab = PAGES.open(PAGES.chat()
                .uri()
                .resolve("#token=" + tokenUntil("North", Instant.now().plusSeconds(5))));
        tab.enter("expires");
        tab.say("before");
        tab.awaitMessages("before");
        tab.type("half a sentence");
        tab.awaitShown("ask");
        assertTrue(tab.textOf("ask-why").startsWith("Your token does not hold any longer"), tab.textOf("ask-why"));

        tab.fill("token", tokenOf("North"));
        tab.awaitLine("You are back");
        tab.say("");
        tab.awaitMessages("before", "half a sentence");
    }

    @Test
    void aLinkInTheSameTabChangesWhoOneIs() throws Exception {
        ChatTab tab = PAGES.open(linkOf("North"));
        tab.enter("same-tab");
        tab.awaitMembers("North");
        tab.script("location.hash = '" + linkOf("South").getFragment() + "'");
        tab.awaitMembers("South");
        assertFalse(((String) tab.script("return location.href")).contains("token"));
    }

    @Test
    void whoIsSomeoneElseCanSaySo() {
        ChatTab tab = PAGES.open(link);
        tab.awaitShown("as-token");
        tab.click("forget");
        tab.awaitShown("name");
        assertNull(tab.script("return sessionStorage['roomcast.token']"));
    }

    private static void assertNoTokenIn(ChatTab tab, String token) {
        String seen = (String) tab.script("return [location.href, document.referrer, document.title, document.cookie,"
                + " document.documentElement.outerHTML, JSON.stringify(localStorage),"
                + " ...[...document.querySelectorAll('input')].map(input => input.value),"
                + " ...performance.getEntries().map(entry => entry.name)].join()");
        // The navigation itself is listed with the address that was asked for, and to this page's scripts alone.
        assertFalse(seen.replace(link.toString(), "").contains(token));
    }

    private static URI linkOf(String user) throws Exception {
        return PAGES.chat().uri().resolve("#token=" + tokenOf(user));
    }

    private static String tokenOf(String user) throws Exception {
        return ChatProcess.output("--auth-secret", SECRET, "--token", user);
    }

    /** As the chat makes them, which gives an hour to each. */
    private static String tokenUntil(String user, Instant expiry) throws Exception {
        String head = base64("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(UTF_8));
        String claims = "{\"sub\":\"" + user + "\",\"exp\":" + expiry.getEpochSecond() + "}";
        String signed = head + "." + base64(claims.getBytes(UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
        return signed + "." + base64(mac.doFinal(signed.getBytes(UTF_8)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
