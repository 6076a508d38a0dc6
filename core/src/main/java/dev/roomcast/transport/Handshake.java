package dev.roomcast.transport;

import java.security.Principal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The request that opened a connection. Immutable once built; safe for use by any thread.
 */
public final class Handshake {

    /**
     * The subprotocol of clients that take several messages in one text frame, each on a line of its own. Adapters offer it;
     * a client that names none gets one message per frame.
     */
    public static final String ROOMCAST_V1 = "roomcast.v1";

    private final String[] query;
    private final String[] headers;
    private final @Nullable Principal principal;
    private final @Nullable String remoteAddress;
    private final String subprotocol;
    private final boolean secure;

    private Handshake(Builder builder) {
        this.query = Fields.of(builder.query);
        this.headers = Fields.of(builder.headers);
        this.principal = builder.principal;
        this.remoteAddress = builder.remoteAddress;
        this.subprotocol = builder.subprotocol;
        this.secure = builder.secure;
    }

    /**
     * Starts the description of a request.
     *
     * @return a builder for one handshake
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A parameter of the URL.
     *
     * @param name decoded name, for example {@code room}
     * @return its first value, decoded; empty if it is absent
     */
    public Optional<String> parameter(String name) {
        return Fields.first(query, name);
    }

    /**
     * A request header.
     *
     * @param name in any case
     * @return its first value; empty if it is absent
     */
    public Optional<String> header(String name) {
        return Fields.first(headers, name.toLowerCase(Locale.ROOT));
    }

    /**
     * All values of a request header.
     *
     * @param name in any case
     * @return the values in the order of the request; empty if it is absent
     */
    public List<String> headerValues(String name) {
        return Fields.all(headers, name.toLowerCase(Locale.ROOT));
    }

    /**
     * Whom the container has authenticated.
     *
     * @return the principal; empty if there is none
     */
    public Optional<Principal> principal() {
        return Optional.ofNullable(principal);
    }

    /**
     * Address of the peer, where the container tells it.
     *
     * @return an IP address in text form, without port; empty if it is not known
     */
    public Optional<String> remoteAddress() {
        return Optional.ofNullable(remoteAddress);
    }

    /**
     * What client and server agreed to speak.
     *
     * @return {@value #ROOMCAST_V1}, or empty for plain JSON messages
     */
    public String subprotocol() {
        return subprotocol;
    }

    /**
     * Whether the request came over TLS, as the container saw it.
     *
     * @return true for {@code wss}
     */
    public boolean isSecure() {
        return secure;
    }

    /** Collects the parts of a {@link Handshake}. Not safe for use by several threads. */
    public static final class Builder {

        private final Map<String, List<String>> query = new TreeMap<>();
        private final Map<String, List<String>> headers = new TreeMap<>();
        private @Nullable Principal principal;
        private @Nullable String remoteAddress;
        private String subprotocol = "";
        private boolean secure;

        private Builder() {}

        /**
         * Adds the parameters of the URL.
         *
         * @param parameters decoded names and values
         * @return this
         */
        public Builder parameters(Map<String, List<String>> parameters) {
            parameters.forEach((name, values) -> query.put(name, List.copyOf(values)));
            return this;
        }

        /**
         * Adds one parameter of the URL.
         *
         * @param name decoded name
         * @param value decoded value
         * @return this
         */
        public Builder parameter(String name, String value) {
            query.put(name, List.of(value));
            return this;
        }

        /**
         * Adds request headers.
         *
         * @param fields names in any case, and their values; names that differ in case only are one header
         * @return this
         */
        public Builder headers(Map<String, List<String>> fields) {
            Map<String, List<String>> added = new TreeMap<>();
            fields.forEach((name, values) ->
                    added.merge(name.toLowerCase(Locale.ROOT), List.copyOf(values), Builder::together));
            headers.putAll(added);
            return this;
        }

        private static List<String> together(List<String> some, List<String> others) {
            return Stream.concat(some.stream(), others.stream()).toList();
        }

        /**
         * Adds one request header.
         *
         * @param name in any case
         * @param value its value
         * @return this
         */
        public Builder header(String name, String value) {
            headers.put(name.toLowerCase(Locale.ROOT), List.of(value));
            return this;
        }

        /**
         * Names whom the container has authenticated.
         *
         * @param who the principal, or null
         * @return this
         */
        public Builder principal(@Nullable Principal who) {
            principal = who;
            return this;
        }

        /**
         * Names the peer's address.
         *
         * @param address IP address in text form without port, or null if it is not known
         * @return this
         */
        public Builder remoteAddress(@Nullable String address) {
            remoteAddress = address;
            return this;
        }

        /**
         * Names the subprotocol that was agreed on.
         *
         * @param agreed its name; empty if there is none
         * @return this
         */
        public Builder subprotocol(String agreed) {
            subprotocol = agreed;
            return this;
        }

        /**
         * Says whether the request came over TLS.
         *
         * @param overTls true for {@code wss}
         * @return this
         */
        public Builder secure(boolean overTls) {
            secure = overTls;
            return this;
        }

        /**
         * Ends the description.
         *
         * @return the handshake
         */
        public Handshake build() {
            return new Handshake(this);
        }
    }
}
