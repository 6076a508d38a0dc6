package com.example.loadtest.peers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;

/** A room of {@link TyrusPeer}: one lock gives all members one order. */
final class TyrusRoom {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final String epoch = Frame.newEpoch();

    // Guarded by this.
    private final Set<TyrusMember> members = new LinkedHashSet<>();
    private long offset;

    TyrusRoom(String name) {
        this.name = name;
    }

    synchronized void join(TyrusMember member) {
        members.add(member);
        member.send(JSON.createObjectNode()
                .put("type", "user_joined")
                .put("userId", member.user())
                .put("timestamp", System.currentTimeMillis())
                .put("room", name)
                .toString());
    }

    synchronized void leave(TyrusMember member) {
        members.remove(member);
    }

    synchronized void said(TyrusMember by, String text) {
        try {
            ObjectNode message = JSON.createObjectNode().put("type", "chat").put("userId", by.user());
            message.set("content", JSON.readTree(text).get("content"));
            message.put("timestamp", System.currentTimeMillis())
                    .put("room", name)
                    .put("epoch", epoch)
                    .put("offset", ++offset);
            String json = JSON.writeValueAsString(message);
            for (TyrusMember member : members) {
                member.send(json);
            }
        } catch (JsonProcessingException e) {
            by.close();
        }
    }
}
