package com.example.loadtest.peers;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A room of {@link NioPeer}: its members, and the frames of this turn. */
final class NioRoom {

    private final String name;
    private final byte[] tail;
    private final List<NioMember> members = new ArrayList<>();
    private ByteBuffer frames = ByteBuffer.allocateDirect(1024);
    private long offset;

    NioRoom(String name) {
        this.name = name;
        this.tail = (",\"room\":\"" + name + "\",\"epoch\":\"" + Frame.newEpoch() + "\",\"offset\":")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    String name() {
        return name;
    }

    boolean silent() {
        return frames.position() == 0;
    }

    void join(NioMember member) {
        // What was said in this turn was said before the member came.
        flush();
        members.add(member);
        member.write(Frame.text("{\"type\":\"user_joined\",\"userId\":\"" + member.user() + "\",\"timestamp\":"
                + System.currentTimeMillis() + ",\"room\":\"" + name + "\"}"));
    }

    /** Whether nobody is left. */
    boolean leave(NioMember member) {
        members.remove(member);
        return members.isEmpty();
    }

    void said(byte[] head, byte[] bytes, int from, int to) {
        byte[] timestamp = ascii(",\"timestamp\":" + System.currentTimeMillis());
        byte[] end = ascii(++offset + "}");
        int length = head.length + (to - from) + timestamp.length + tail.length + end.length;
        if (frames.remaining() < Frame.bytes(length)) {
            frames = ByteBuffer.allocateDirect(2 * (frames.position() + Frame.bytes(length)))
                    .put(frames.flip());
        }
        Frame.head(frames, length);
        frames.put(head).put(bytes, from, to - from).put(timestamp).put(tail).put(end);
    }

    /** One write to each member. */
    void flush() {
        if (silent()) {
            return;
        }
        frames.flip();
        // Backwards, since a member that cannot be written to leaves the list.
        for (int i = members.size() - 1; i >= 0; i--) {
            frames.rewind();
            members.get(i).write(frames);
        }
        frames.clear();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
