/**
 * Rooms across several instances, through Redis: {@link dev.roomcast.redis.RedisBridge}.
 *
 * <p>The life of a message: the publishing instance queues it for its room ({@code RoomQueue}) and sends what waits there as
 * one batch to a script ({@code publish.lua}), which gives positions, keeps the batch in the room's stream and publishes it
 * on the room's channel. Every instance with members in the room listens there ({@code Feeds}), the publishing one too, and
 * hands on what continues its position ({@code RoomFeed}); whatever does not is read from the stream.
 *
 * <p>What is done with a user wherever the user is: a script ({@code directory.lua}) looks into the index of connections
 * ({@code UserIndex}) and publishes to the inboxes of those instances ({@code Inbox}), and to no others.
 */
@NullMarked
package dev.roomcast.redis;

import org.jspecify.annotations.NullMarked;
