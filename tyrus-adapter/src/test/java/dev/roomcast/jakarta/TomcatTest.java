package dev.roomcast.jakarta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Overflow;
import dev.roomcast.Rooms;
import dev.roomcast.RoomsBuilder;
import dev.roomcast.guard.Rate;
import dev.roomcast.jakarta.behaviour.PlainClient;
import dev.roomcast.jakarta.behaviour.RawClient;
import dev.roomcast.transport.Handshake;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.scan.StandardJarScanner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoint in a stock Tomcat, as somebody's application registers it. */
class TomcatTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path base;

    private final Queue<LogRecord> complaints = new ConcurrentLinkedQueue<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord line) {
            boolean counts = String.valueOf(line.getLoggerName()).matches("(org\\.apache|dev\\.roomcast\\.jakarta).*");
            if (counts && line.getLevel().intValue() >= Level.WARNING.intValue()) {
                complaints.add(line);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private TomcatHost host;
    private Tomcat tomcat;
    private Rooms rooms;
    private int port;

    @BeforeEach
    void listen() {
        Logger.getLogger("").addHandler(listener);
    }

    @AfterEach
    void stop() throws LifecycleException {
        Logger.getLogger("").removeHandler(listener);
        rooms.close();
        if (host != null) {
            host.close();
        } else {
            tomcat.stop();
            tomcat.destroy();
        }
    }

    private void start(boolean filtered, UnaryOperator<RoomsBuilder> settings) throws LifecycleException {
        start(filtered, settings, new Connector());
    }

    private void start(boolean filtered, UnaryOperator<RoomsBuilder> settings, Connector connector)
            throws LifecycleException {
        rooms = settings.apply(Rooms.builder()
                        .rate(new Rate(1_000_000, 1_000_000))
                        .limit(Limit.GRACE, 50)
                        .limit(Limit.CLOSE_DEADLINE, 500))
                .build();
        host = TomcatHost.start(base, rooms, filtered, connector);
        port = host.port();
    }

    /** An application as Tomcat finds it, with what stands in its jars. */
    private void deploy() throws LifecycleException {
        rooms = Rooms.builder().build();
        tomcat = new Tomcat();
        tomcat.setBaseDir(base.toString());
        Connector connector = new Connector();
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        tomcat.setConnector(connector);
        tomcat.setAddDefaultWebXmlToWebapp(false);
        Context context = tomcat.addWebapp("", base.toString());
        // The class path has Tyrus, too, which nobody has beside Tomcat; and the adapter is no jar here, but a folder.
        context.setContainerSciFilter(".*");
        ((StandardJarScanner) context.getJarScanner()).setScanAllDirectories(true);
        Tomcat.addServlet(context, "default", new DefaultServlet());
        context.addServletMappingDecoded("/", "default");
        Tomcat.addDefaultMimeTypeMappings(context);
        tomcat.start();
        port = connector.getLocalPort();
    }

    private void start() throws LifecycleException {
        start(true, settings -> settings);
    }

    @Test
    void clients_talk_and_their_address_is_known() throws Exception {
        start();
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann");
                PlainClient ben = PlainClient.join(port, "lobby", "ben")) {
            ann.say("hello");
            assertEquals("hello", ben.next("chat").get("content").asText());
            Handshake handshake = rooms.connections().iterator().next().handshake();
            assertEquals(Optional.of("127.0.0.1"), handshake.remoteAddress());
        }
        await().atMost(SOON).untilAsserted(() -> assertEquals(0, rooms.stats().connections()));
    }

    @Test
    void the_browser_client_is_served_by_the_container_itself() throws Exception {
        deploy();
        HttpResponse<String> client = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/roomcast/roomcast.js"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertEquals(200, client.statusCode());
        assertTrue(client.headers().firstValue("Content-Type").orElse("").startsWith("text/javascript"));
        assertTrue(client.body().contains("export function connect("));
    }

    @Test
    void a_client_that_speaks_roomcast_is_agreed_with() throws Exception {
        start();
        try (RawClient client = RawClient.dial(port)) {
            String answer =
                    client.request("GET /rooms?room=lobby&user=ann HTTP/1.1", "Sec-WebSocket-Protocol: roomcast.v1");
            assertTrue(answer.toLowerCase(Locale.ROOT).contains("sec-websocket-protocol: roomcast.v1"), answer);
            client.nextContaining("user_joined");
            assertEquals(
                    Handshake.ROOMCAST_V1,
                    rooms.connections().iterator().next().handshake().subprotocol());
        }
    }

    /** A foreign page got 500, and Tomcat's log two lines at SEVERE. */
    @Test
    void a_foreign_page_is_refused_with_403_and_nothing_is_logged() throws Exception {
        start();
        assertEquals(403, PlainClient.refusal(port, "room=lobby&user=eve", "Origin", "http://evil.example"));
        assertEquals(1, rooms.stats().handshakesRefused());
        PlainClient.connect(port, "room=lobby&user=ann", "Origin", "http://127.0.0.1:" + port)
                .close();
        assertTrue(complaints.isEmpty(), () -> complaints.peek().getMessage());
    }

    @Test
    void an_address_that_comes_too_often_is_refused_with_429_and_each_handshake_counts_once() throws Exception {
        start(true, settings -> settings.handshakes(new Rate(0.001, 3)));
        for (int i = 0; i < 3; i++) {
            PlainClient.connect(port, "room=lobby&user=ann").close();
        }
        assertEquals(429, PlainClient.refusal(port, "room=lobby&user=ann"));
    }

    @Test
    void a_closing_hub_refuses_with_503() throws Exception {
        start();
        rooms.close();
        assertEquals(503, PlainClient.refusal(port, "room=lobby&user=late"));
    }

    @Test
    void a_drain_closes_with_1001_and_refuses_with_503() throws Exception {
        start();
        PlainClient ann = PlainClient.join(port, "lobby", "ann");
        PlainClient ben = PlainClient.join(port, "lobby", "ben");
        CompletableFuture<Void> drain =
                CompletableFuture.runAsync(() -> rooms.close(Duration.ofSeconds(1)), task -> new Thread(task).start());
        ann.next("reconnect");
        ben.next("reconnect");
        assertEquals(503, PlainClient.refusal(port, "room=lobby&user=late"));
        assertEquals(1001, ann.expectClose());
        assertEquals(1001, ben.expectClose());
        drain.join();
        assertTrue(complaints.isEmpty(), () -> complaints.peek().getMessage());
    }

    @Test
    void without_the_filter_a_foreign_page_is_refused_all_the_same() throws Exception {
        start(false, settings -> settings);
        assertEquals(500, PlainClient.refusal(port, "room=lobby&user=eve", "Origin", "http://evil.example"));
        assertEquals(0, rooms.stats().connections());
    }

    @Test
    void what_asks_for_no_websocket_passes_the_filter() throws Exception {
        start();
        try (RawClient client = RawClient.dial(port)) {
            String answer = client.exchange("GET /rooms HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\n\r\n");
            assertFalse(answer.startsWith("HTTP/1.1 403"), answer);
        }
    }

    /** Tomcat closed by itself at its own limit, and the hub's counter stood still. */
    @Test
    void too_large_a_message_is_1009_and_counted() throws Exception {
        start();
        RawClient client = RawClient.connect(port, "room=lobby&user=large");
        client.sendText("x".repeat(1_000_000));
        assertEquals(1009, client.expectClose());
        RawClient second = RawClient.connect(port, "room=lobby&user=large");
        second.sendInFragments("x".repeat(100_000), 20);
        assertEquals(1009, second.expectClose());
        RawClient third = RawClient.connect(port, "room=lobby&user=large");
        third.send(RawClient.FIN | RawClient.BINARY, new byte[100_000]);
        assertEquals(1009, third.expectClose());
        assertEquals(3, rooms.stats().hits(Limit.MESSAGE_BYTES));
    }

    @Test
    void a_message_as_large_as_it_may_be_arrives() throws Exception {
        start();
        // Tomcat sends it in fragments, which this client puts together.
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann");
                RawClient large = RawClient.connect(port, "room=lobby&user=large")) {
            large.sendInFragments("{\"content\":\"" + "\u00e4".repeat(30_000) + "\"}", 7);
            assertEquals(
                    "\u00e4".repeat(30_000), ann.next("chat").get("content").asText());
        }
    }

    /** Tomcat reports the end while it closes, so the hub's deadline was off, and the socket lived for 40 s. */
    @Test
    void a_peer_that_does_not_answer_a_close_loses_its_socket() throws Exception {
        start();
        RawClient mute = RawClient.connect(port, "room=lobby&user=mute");
        mute.nextContaining("user_joined");
        rooms.connections().iterator().next().close(CloseCode.NORMAL, "enough");
        assertEquals(1000, mute.expectClose());
        // 5 s, and until Tomcat looks: every ten of its own seconds, which are longer on a busy machine.
        await().atMost(Duration.ofSeconds(32)).until(mute::isCut);
    }

    /** The abort could only close in order, behind the write that was stuck, on a thread of its own each. */
    @ParameterizedTest
    @ValueSource(strings = {"Http11NioProtocol", "Http11Nio2Protocol"})
    void one_that_does_not_read_is_cut_at_once(String protocol) throws Exception {
        start(
                true,
                settings -> settings.overflow(Overflow.DISCONNECT),
                new Connector("org.apache.coyote.http11." + protocol));
        RawClient deaf = RawClient.dialNarrow(port).upgrade("room=lobby&user=deaf");
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann")) {
            String large = "x".repeat(60_000);
            for (int i = 0; i < 500 && rooms.stats().closed(CloseCode.TOO_SLOW) == 0; i++) {
                ann.say(large);
                ann.next("chat");
            }
            assertEquals(1, rooms.stats().closed(CloseCode.TOO_SLOW));
            await().atMost(Duration.ofSeconds(5)).until(deaf::isCut);
            await().untilAsserted(() -> assertEquals(1, rooms.stats().connections()));
            // Tomcat's own close of the socket told nobody, and each session that was cut stayed for ever.
            await().atMost(SOON).untilAsserted(() -> assertEquals(1, host.sessions()));
        }
        await().atMost(SOON).untilAsserted(() -> assertEquals(0, host.sessions()));
        assertTrue(complaints.isEmpty(), () -> complaints.peek().getMessage());
    }

    /** Each write inherited the second that a ping may take: after the first ping a stall of two seconds was the end. */
    @Test
    void a_stall_after_a_ping_is_no_end() throws Exception {
        start(true, settings -> settings.heartbeat(Duration.ofSeconds(4)).overflow(Overflow.DROP_OLDEST));
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann");
                RawClient slow = RawClient.dialNarrow(port)) {
            slow.request("GET /rooms?room=lobby&user=slow HTTP/1.1", "Sec-WebSocket-Protocol: roomcast.v1");
            slow.nextContaining("user_joined");
            while (slow.next().opcode() != RawClient.PING) {}
            slow.send(RawClient.FIN | RawClient.PONG, new byte[0]);
            String large = "x".repeat(60_000);
            for (int i = 0; i < 500 && rooms.stats().hits(Limit.OUTBOX_BYTES) == 0; i++) {
                ann.say(large);
                ann.next("chat");
            }
            await().during(Duration.ofMillis(2500))
                    .atMost(SOON)
                    .until(() -> rooms.stats().connections() == 2);
            slow.nextContaining("gap");
        }
        assertEquals(0, rooms.stats().closed(CloseCode.TOO_SLOW));
    }

    @Test
    void no_thread_of_ours_is_left() throws Exception {
        start();
        try (PlainClient ann = PlainClient.join(port, "lobby", "ann")) {
            ann.say("hello");
            rooms.connections().iterator().next().close(CloseCode.NORMAL, "enough");
        }
        rooms.close();
        await().atMost(SOON)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("roomcast-errand")));
    }
}
