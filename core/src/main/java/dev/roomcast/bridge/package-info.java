/**
 * What one backend supplies so that rooms span instances: a {@link dev.roomcast.bridge.Broadcaster} that puts messages into
 * one order per room, a {@link dev.roomcast.bridge.Roster} that knows who is in which room, and a
 * {@link dev.roomcast.bridge.Directory} that knows where users are connected. Together they are a
 * {@link dev.roomcast.bridge.Bridge}; {@code Bridge.local()} is the one for a single instance.
 *
 * <p>Data flows one way: the hub calls the bridge, and the bridge answers through {@link dev.roomcast.bridge.Delivery},
 * which cannot reach {@code publish}. That is why nothing echoes.
 *
 * <p>The duties written here are held by a contract suite in the test kit ({@code BridgeContract}), which any bridge can
 * run.
 */
@NullMarked
package dev.roomcast.bridge;

import org.jspecify.annotations.NullMarked;
