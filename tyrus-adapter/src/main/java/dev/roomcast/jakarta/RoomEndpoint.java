package dev.roomcast.jakarta;

import dev.roomcast.CloseCode;
import dev.roomcast.Limit;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Refusal;
import dev.roomcast.log.FaultLog;
import dev.roomcast.transport.Handshake;
import dev.roomcast.transport.Inbound;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rooms of a hub as an endpoint of a Jakarta WebSocket container, version 2.1 or later:
 *
 * <pre>{@code
 * serverContainer.addEndpoint(RoomEndpoint.at("/rooms", rooms));
 * }</pre>
 *
 * <p>Clients connect to {@code ws://host/rooms?room=R&user=U}. Several endpoints, of one hub or of several, may stand in one
 * container. The hub is not closed with the container: close it first, so that clients are told to come back elsewhere.
 *
 * <p>A client that has not said who it is may send {@code LOGIN_BYTES} at once, in fragments or not. In a Tyrus that you set
 * up yourself that holds only for what Tyrus hands over: it collects each frame first, up to its property
 * {@code org.glassfish.tyrus.incomingBufferSize}, by default 4 MiB for every client. Set that to {@code MESSAGE_BYTES} and
 * 1 KiB more. Pings of clients are answered by the container; only {@link RoomServer} sees them and bounds their rate.
 *
 * <p>An instance serves one connection and is made by the container.
 */
public final class RoomEndpoint extends Endpoint {

    private static final System.Logger LOG = System.getLogger("dev.roomcast.jakarta");
    private static final FaultLog FAULTS = new FaultLog(LOG);

    /**
     * What a container lets through beyond the hub's own limit, so that it is the hub that notices, answers and counts a
     * message which is only a little too large. The container's limit is there to bound memory.
     */
    private static final int SLACK = 1024;

    /**
     * What Tomcat allocates at the first text of a session, in characters: as much as its largest message. It hands over in
     * parts what does not fit, so a fraction will do. With 64 KiB each client would cost it 128 KiB.
     */
    private static final int TOMCAT_TEXT_BUFFER = 4096;

    /** How long Tomcat waits for a peer's answer to a close, by default 30 s; it looks every 10 s. */
    private static final String TOMCAT_CLOSE_TIMEOUT = "org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT";

    /** How long a ping may block in Tomcat, by default 20 s. */
    private static final String TOMCAT_SEND_TIMEOUT = "org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT";

    private static final Long TOMCAT_SEND_MILLIS = 1000L;

    private final Rooms rooms;
    private final Outlets outlets;
    private final HardCut hardCut;
    private final Serial events = new Serial();

    /** Written by a task of events. */
    private volatile @Nullable Inbound inbound;

    RoomEndpoint(Rooms rooms, Outlets outlets, HardCut hardCut) {
        this.rooms = rooms;
        this.outlets = outlets;
        this.hardCut = hardCut;
    }

    /**
     * Describes the endpoint to a container.
     *
     * @param path where it stands, for example {@code /rooms}
     * @param rooms the hub it belongs to
     * @return a configuration for {@code ServerContainer.addEndpoint} and its like
     */
    public static ServerEndpointConfig at(String path, Rooms rooms) {
        return ServerEndpointConfig.Builder.create(RoomEndpoint.class, path)
                .configurator(new Doorman(rooms, path))
                .subprotocols(List.of(Handshake.ROOMCAST_V1))
                .build();
    }

    /**
     * Says how the frames of an endpoint's connections leave, and how many connections have taken each way so far. There are
     * three: ready-made frames to the socket, in {@link RoomServer}; ready-made frames through Tyrus's writer, in a Tyrus
     * 2.2 that can be reached; one message at a time through the container's asynchronous send, everywhere else, for
     * clients that have agreed on an extension, and where the system property {@code dev.roomcast.readyMadeFrames} is
     * {@code false} when the endpoint is described. Each way is logged when it is taken first.
     *
     * @param endpoint what {@link #at} returned
     * @return one line for people; its form may change
     * @throws IllegalArgumentException if it is another endpoint's
     */
    public static String writing(ServerEndpointConfig endpoint) {
        if (endpoint.getConfigurator() instanceof Doorman doorman) {
            return doorman.writing();
        }
        throw new IllegalArgumentException(endpoint.getPath() + " is not an endpoint of rooms");
    }

    /** What is taken as a whole message now: little while it is not known who the client is. */
    private int largestNow() {
        Inbound in = inbound;
        return in == null
                ? (int) Math.min(rooms.limit(Limit.LOGIN_BYTES), rooms.limit(Limit.MESSAGE_BYTES))
                : in.maxMessageBytes();
    }

    private int textBuffer(Session session) {
        return session.getClass().getName().startsWith("org.apache.tomcat.")
                ? TOMCAT_TEXT_BUFFER
                : (int) Math.min(rooms.limit(Limit.MESSAGE_BYTES), Integer.MAX_VALUE - SLACK) + SLACK;
    }

    /**
     * Called by the container when a connection is open.
     *
     * @param session the connection
     * @param config not used
     */
    @Override
    public void onOpen(Session session, EndpointConfig config) {
        events.run(() -> {
            try {
                admit(session);
            } catch (RuntimeException | Error failed) {
                // A client may be gone before it is greeted; that is no fault.
                System.Logger.Level level = session.isOpen() ? System.Logger.Level.ERROR : System.Logger.Level.DEBUG;
                FAULTS.fault(level, "A connection could not be opened", LogText.of(failed), null);
                close(session, CloseCodes.UNEXPECTED_CONDITION.getCode(), "it could not be opened");
            }
        });
    }

    /**
     * Called by the container when a connection has ended.
     *
     * @param session the connection
     * @param reason how
     */
    @Override
    public void onClose(Session session, CloseReason reason) {
        int code = reason.getCloseCode().getCode();
        tell(in -> in.closed(code));
    }

    /**
     * Called by the container when something went wrong. Nothing is done about it: what matters is told by
     * {@link #onClose} or by the failure of a write.
     *
     * @param session the connection
     * @param failure what went wrong
     */
    @Override
    public void onError(Session session, Throwable failure) {
        // The type alone: a message may quote what the client sent.
        LOG.log(
                System.Logger.Level.DEBUG,
                "A container reports {0}",
                failure.getClass().getName());
    }

    private void admit(Session session) {
        Optional<Arrival> arrival = Arrival.of(session);
        if (arrival.isEmpty()) {
            LOG.log(System.Logger.Level.ERROR, "The container has lost a handshake; is it older than version 2.1?");
            close(session, CloseCodes.UNEXPECTED_CONDITION.getCode(), "the handshake was lost");
            return;
        }
        Link link = arrival.get().link();
        if (link == null) {
            bound(session);
        }
        Optional<Refusal> refusal = arrival.get().refusal();
        if (refusal.isPresent()) {
            // The status as the close code of the same meaning.
            CloseCode code = CloseCode.of(4000 + refusal.get().status()).orElse(CloseCode.POLICY);
            close(session, code.code(), "the handshake was refused");
            return;
        }
        Outlet outlet = outlets.of(session, link);
        SessionTransport transport = new SessionTransport(session, outlet);
        session.setMaxTextMessageBufferSize(textBuffer(session));
        MessageParts parts = parts(link);
        session.addMessageHandler(String.class, parts::text);
        session.addMessageHandler(ByteBuffer.class, parts::binary);
        session.addMessageHandler(PongMessage.class, pong -> tell(Inbound::pong));
        Inbound in = rooms.accept(arrival.get().completedBy(session), transport);
        inbound = in;
        if (link != null) {
            link.expect(this::largestNow, idlePerSecond());
            link.receive(new Direct(in), link == outlet);
        }
        // What is needed of it lives on in the connection.
        session.getUserProperties().remove(Arrival.KEY);
    }

    /** A link counts by itself what is unfinished and what is empty. */
    private MessageParts parts(@Nullable Link link) {
        FrameRate empties = new FrameRate(link == null ? idlePerSecond() : Integer.MAX_VALUE, System::nanoTime);
        return new MessageParts(this::largestNow, empties, link == null ? this::holds : bytes -> {}, this::tell);
    }

    private int idlePerSecond() {
        return (int) Math.min(rooms.limit(Limit.PINGS_PER_SECOND), Integer.MAX_VALUE);
    }

    /** At once, and not among the events: a handler that blocks must not hide what its client sends meanwhile. */
    private void holds(int bytes) {
        Inbound in = inbound;
        if (in != null) {
            in.unfinished(bytes);
        }
    }

    /** What containers do by themselves for a session, bounded by the hub's limits; others ignore it. */
    private void bound(Session session) {
        session.getUserProperties().put(TOMCAT_CLOSE_TIMEOUT, rooms.limit(Limit.CLOSE_DEADLINE));
        session.getUserProperties().put(TOMCAT_SEND_TIMEOUT, TOMCAT_SEND_MILLIS);
        // Without one a write in Tomcat inherits the timeout of the last ping. Longer than the hub's, which is to
        // decide.
        session.getAsyncRemote().setSendTimeout(rooms.limit(Limit.WRITE_DEADLINE) + rooms.limit(Limit.CLOSE_DEADLINE));
    }

    /** Ends a session that became no connection, with a code: to a client that sees none the network has failed. */
    private void close(Session session, int code, String why) {
        CloseReason reason = new CloseReason(CloseCodes.getCloseCode(code), why);
        Link link = Arrival.of(session).map(Arrival::link).orElse(null);
        if (link == null) {
            hardCut.close(session, reason);
            return;
        }
        try {
            session.close(reason);
        } catch (IOException | RuntimeException failed) {
            link.cut();
        }
    }

    private void tell(Consumer<Inbound> event) {
        events.run(() -> {
            Inbound in = inbound;
            if (in != null) {
                event.accept(in);
            }
        });
    }

    /** What the link brings past the container, among what the container brings. */
    private final class Direct implements Link.Receiver {

        private final Inbound in;

        Direct(Inbound in) {
            this.in = in;
        }

        @Override
        public void texts(List<String> texts) {
            if (texts.size() == 1) {
                events.run(() -> in.text(texts.get(0)));
            } else {
                events.run(() -> in.texts(texts));
            }
        }

        @Override
        public void tooBig() {
            events.run(in::tooBig);
        }

        @Override
        public void unfinished(int bytes) {
            in.unfinished(bytes);
        }

        @Override
        public void tooManyFrames() {
            events.run(in::tooManyFrames);
        }
    }
}
