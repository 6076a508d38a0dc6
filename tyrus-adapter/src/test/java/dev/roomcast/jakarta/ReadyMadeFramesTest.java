package dev.roomcast.jakarta;

import java.util.Map;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** Two servers that write ready-made frames, before two clients that know nothing of them. */
class ReadyMadeFramesTest {

    private abstract static class OwnServer extends FrameConformance {
        private final FrameSource source = new FrameSource();
        private RoomServer server;

        @BeforeEach
        void start() throws Exception {
            server = RoomServer.builder().port(0).endpoint(source.config()).start();
        }

        @AfterEach
        void stop() {
            server.close();
        }

        @Override
        FrameSource source() {
            return source;
        }

        @Override
        int port() {
            return server.port();
        }
    }

    private abstract static class StockTyrus extends FrameConformance {
        private final FrameSource source = new FrameSource();
        private TyrusServerContainer server;

        @BeforeEach
        void start() throws Exception {
            server = (TyrusServerContainer) ServerContainerFactory.createServerContainer(Map.of());
            server.addEndpoint(source.config());
            server.start("/", 0);
        }

        @AfterEach
        void stop() {
            server.stop();
        }

        @Override
        FrameSource source() {
            return source;
        }

        @Override
        int port() {
            return server.getPort();
        }
    }

    @Nested
    class Our_server_and_the_clients_of_the_jdk extends OwnServer {
        @Override
        Witness connect(int port) {
            return new JdkWitness(port);
        }
    }

    @Nested
    class Our_server_and_node extends OwnServer {
        @Override
        Witness connect(int port) throws Exception {
            return new NodeWitness(port);
        }
    }

    @Nested
    class Tyrus_and_the_clients_of_the_jdk extends StockTyrus {
        @Override
        Witness connect(int port) {
            return new JdkWitness(port);
        }
    }

    @Nested
    class Tyrus_and_node extends StockTyrus {
        @Override
        Witness connect(int port) throws Exception {
            return new NodeWitness(port);
        }
    }
}
