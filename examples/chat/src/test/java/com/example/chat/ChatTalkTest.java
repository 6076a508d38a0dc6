package com.example.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(30)
class ChatTalkTest {

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private ChatServer server;

    @BeforeEach
    void start() {
        CommandLine commandLine = Chat.commandLine();
        commandLine.parseArgs("--port", "0");
        server = commandLine.<Chat>getCommand().start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void twoTalkAndOneLeaves() throws Exception {
        TalkClient north = join("north");
        north.next("user_joined", "north");
        TalkClient south = join("south");
        north.next("user_joined", "south");

        north.say("Good morning");
        assertTrue(north.next("chat", "north").contains("\"content\":\"Good morning\""));
        assertTrue(south.next("chat", "north").contains("\"content\":\"Good morning\""));
        south.say("Good \"morning\", \u2028 \uD83D\uDC4B");
        assertEquals(south.next("chat", "south"), north.next("chat", "south"));

        south.leave();
        north.next("user_left", "south");
    }

    @Test
    void roomsDoNotHearEachOther() throws Exception {
        TalkClient lobby = TalkClient.connect(http, server.uri(), "lobby", "north");
        TalkClient attic = TalkClient.connect(http, server.uri(), "attic", "south");
        lobby.next("user_joined", "north");
        attic.next("user_joined", "south");

        lobby.say("Only for the lobby");
        lobby.next("chat", "north");
        attic.say("Only for the attic");
        assertTrue(attic.next("chat", "south").contains("attic"));
        assertTrue(attic.seen().stream().noneMatch(frame -> frame.contains("lobby")));
    }

    @Test
    void clientsAreToldThatTheServerGoesAway() throws Exception {
        TalkClient north = join("north");
        north.next("user_joined", "north");
        server.close();
        assertEquals(1001, north.closeCode().get(10, TimeUnit.SECONDS));
    }

    @Test
    void thePageAndItsScriptsAreServed() throws Exception {
        assertPage("", "text/html", "chat.js");
        assertPage("chat.js", "text/javascript", "roomcast/roomcast.js");
        assertPage("roomcast/roomcast.js", "text/javascript", "export function connect(");
        assertPage("chat.css", "text/css", "prefers-color-scheme");
    }

    @Test
    void noPageMayFrameItAndNoneIsToldWhereAVisitorCameFrom() throws Exception {
        for (String path : new String[] {"", "chat.js", "nothing.js"}) {
            HttpResponse<Void> answer = http.send(
                    HttpRequest.newBuilder(server.uri().resolve(path)).build(), HttpResponse.BodyHandlers.discarding());
            assertEquals(
                    List.of("frame-ancestors 'none'"), answer.headers().allValues("content-security-policy"), path);
            assertEquals(List.of("no-referrer"), answer.headers().allValues("referrer-policy"), path);
        }
    }

    @Test
    void withoutItsRedisItGoesOnAlone() throws Exception {
        server.close();
        CommandLine commandLine = Chat.commandLine();
        // Nobody listens there.
        commandLine.parseArgs("--port", "0", "--redis", "redis://127.0.0.1:1");
        server = commandLine.<Chat>getCommand().start();
        TalkClient north = join("north");
        north.next("user_joined", "north");
        join("south");
        north.next("user_joined", "south");
    }

    private TalkClient join(String user) throws Exception {
        return TalkClient.connect(http, server.uri(), "lobby", user);
    }

    private void assertPage(String path, String type, String part) throws Exception {
        URI uri = server.uri().resolve(path);
        HttpResponse<String> answer =
                http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), path);
        assertTrue(answer.headers().firstValue("content-type").orElse("").startsWith(type), path);
        assertTrue(answer.body().contains(part), path);
    }
}
