package com.example.siege;

import dev.roomcast.Connection;
import dev.roomcast.MessageHandler.Relay;
import dev.roomcast.Room;
import dev.roomcast.Rooms;
import dev.roomcast.guard.Authenticator;
import dev.roomcast.guard.Identity;
import dev.roomcast.jakarta.RoomEndpoint;
import dev.roomcast.jakarta.RoomServer;
import dev.roomcast.message.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * The server under attack: default settings, an authenticator that takes the token for the user's name, and a handler that
 * throws for each message of type {@code number} that is no number. It prints its port, answers the commands {@code heap},
 * {@code selectors} and {@code threads}, ends with 0 when it is terminated, and at once with its standard input.
 */
final class SiegeServer {

    private SiegeServer() {}

    public static void main(String... args) throws IOException {
        Rooms rooms = Rooms.builder()
                .authenticator(Authenticator.token(token -> CompletableFuture.completedFuture(Identity.of(token))))
                .handler(SiegeServer::handle)
                .build();
        RoomServer server = RoomServer.builder()
                .port(0)
                .endpoint(RoomEndpoint.at("/rooms", rooms))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            rooms.close();
            server.close();
            // A JVM that is ended by a signal exits with 128 and the signal's number, even if all went well.
            Runtime.getRuntime().halt(0);
        }));
        System.out.println("port " + server.port());
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String command = commands.readLine(); command != null; command = commands.readLine()) {
                System.out.println(command + " " + answer(command));
            }
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }

    private static long answer(String command) {
        return switch (command) {
            case "heap" -> usedHeap();
            case "selectors" -> selectorThreads();
            default -> ManagementFactory.getThreadMXBean().getThreadCount();
        };
    }

    private static void handle(Connection sender, Room room, Message message, Relay delivery) {
        if (message.type().equals("number")) {
            Integer.parseInt(message.content().text());
        }
        delivery.broadcast(message);
    }

    private static long usedHeap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long selectorThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("SelectorRunner"))
                .count();
    }
}
