package com.example.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.testkit.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ClusterTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static Cluster cluster;

    @BeforeAll
    static void start() throws IOException {
        RedisServer.assumeAvailable();
        cluster = new Cluster();
        cluster.start(0, 3);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static Tab tab(String user, String more) {
        return Tab.open(HTTP, cluster.sockets(), cluster.origin(), "room=lobby&user=" + user + more);
    }

    private static int act(String verb, String part, String... headers) throws Exception {
        URI uri = URI.create(cluster.origin() + "/" + verb + "?part=" + part);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).POST(BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString()).statusCode();
    }

    @Test
    void who_is_cut_with_its_instance_comes_back_on_another_and_has_missed_nothing() throws Exception {
        Tab ann = tab("ann", "");
        String first = ann.next("instance").text("content");
        Tab bob = tab("bob", "");
        String other = bob.next("instance").text("content");
        assertNotEquals(first, other);
        bob.next("joined");
        ann.next("joined");
        bob.say("one");
        Tab.Frame one = ann.next("chat");
        assertEquals("one", one.text("content"));

        assertEquals(200, act("kill", first, "X-Cluster", "test"));
        assertTrue(ann.isCut());
        bob.say("two");
        bob.say("three");
        bob.next("chat");
        bob.next("chat");
        bob.next("chat");
        Tab again = tab("ann", "&epoch=" + one.text("epoch") + "&offset=" + one.number("offset"));
        assertNotEquals(first, again.next("instance").text("content"));
        assertTrue(again.next("joined").is("recovered"));
        assertEquals("two", again.next("chat").text("content"));
        assertEquals("three", again.next("chat").text("content"));
        assertEquals(200, act("start", first, "X-Cluster", "test"));
    }

    @Test
    void the_room_goes_on_when_redis_is_back() throws Exception {
        Tab ann = tab("eve", "");
        Tab bob = tab("dan", "");
        ann.next("joined");
        bob.next("joined");
        assertEquals(200, act("kill", "Redis", "X-Cluster", "test"));
        bob.say("said while Redis was away");
        assertEquals(200, act("start", "Redis", "X-Cluster", "test"));
        assertEquals("said while Redis was away", ann.next("chat").text("content"));
        assertEquals("said while Redis was away", bob.next("chat").text("content"));
    }

    @Test
    void the_page_is_there_and_strangers_kill_nothing() throws Exception {
        for (String file : new String[] {"/", "/cluster.js", "/cluster.css", "/roomcast/roomcast.js", "/state"}) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(cluster.origin() + file)).build();
            assertEquals(200, HTTP.send(request, BodyHandlers.ofString()).statusCode(), file);
        }
        assertEquals(403, act("kill", "A"));
        assertEquals(404, act("kill", "Z", "X-Cluster", "test"));
    }
}
