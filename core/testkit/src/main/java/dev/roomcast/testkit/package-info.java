/**
 * For tests of applications that use Roomcast, and of Roomcast itself: everything but the sockets, fast and without
 * waiting.
 *
 * <ul>
 *   <li>{@link dev.roomcast.testkit.FakeClient} is a client without a network: it connects to a hub, says JSON, and remembers
 *       what it was sent. It can be slow, deaf, or vanish.
 *   <li>{@link dev.roomcast.testkit.ClientAssert} asserts what a client saw, in sentences.
 *   <li>{@link dev.roomcast.testkit.ManualTime} is a clock that a test turns by hand; no test needs to sleep.
 *   <li>{@link dev.roomcast.testkit.RecordingObserver} remembers what a hub reported.
 *   <li>{@link dev.roomcast.testkit.BridgeContract} holds a bridge to its duties,
 *       {@link dev.roomcast.testkit.SharedBridgeContract} one that joins several instances, and
 *       {@link dev.roomcast.testkit.LateBridge} makes any bridge answer late and on another thread.
 *   <li>{@link dev.roomcast.testkit.RedisServer} is a real Redis that can be killed, frozen and started again.
 * </ul>
 *
 * <pre>{@code
 * ManualTime time = new ManualTime();
 * try (Rooms rooms = Rooms.builder().time(time).build()) {
 *     FakeClient one = FakeClient.connect(rooms, "one", "lobby");
 *     FakeClient two = FakeClient.connect(rooms, "two", "lobby");
 *     one.says("hello");
 *     assertThat(two).received("hello");
 * }
 * }</pre>
 */
@NullMarked
package dev.roomcast.testkit;

import org.jspecify.annotations.NullMarked;
