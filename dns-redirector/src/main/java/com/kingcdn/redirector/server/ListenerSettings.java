package com.kingcdn.redirector.server;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where and how the redirector listens.
 *
 * @param listen UDP and TCP; port 0 takes a free one, the same for both
 * @param threads event loops, at least 1; each has a UDP socket of its own where the system can share a port
 * @param doh DNS over HTTPS, or null for none
 */
public record ListenerSettings(InetSocketAddress listen, int threads, Tcp tcp, @Nullable Doh doh) {

    public ListenerSettings {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
        }
        if (listen.isUnresolved()) {
            throw new IllegalArgumentException("cannot listen on unknown host " + listen.getHostString());
        }
    }

    /**
     * What TCP clients may take (RFC 7766 section 6).
     *
     * @param idle how long a connection may go without a whole query
     * @param connections of all clients together, at least 1
     * @param connectionsPerClient of one address, at least 1
     */
    public record Tcp(Duration idle, int connections, int connectionsPerClient) {

        /** 10 s, 4096 connections, 128 of one client. */
        public static final Tcp DEFAULT = new Tcp(Duration.ofSeconds(10), 4096, 128);

        public Tcp {
            if (idle.isNegative() || idle.isZero() || connections < 1 || connectionsPerClient < 1) {
                throw new IllegalArgumentException("TCP limits must be above 0");
            }
        }
    }

    /**
     * DNS over HTTPS.
     *
     * @param certificate PEM chain, together with the key; null for a self-signed one
     * @param privateKey PEM, PKCS #8
     * @param state where a self-signed certificate is kept over restarts; null to make a new one each time
     */
    public record Doh(
            InetSocketAddress listen, @Nullable Path certificate, @Nullable Path privateKey, @Nullable Path state) {

        public Doh {
            if ((certificate == null) != (privateKey == null)) {
                throw new IllegalArgumentException(
                        "a DoH certificate and its private key belong together: set both or none");
            }
            if (listen.isUnresolved()) {
                throw new IllegalArgumentException("cannot listen on unknown host " + listen.getHostString());
            }
        }
    }
}
