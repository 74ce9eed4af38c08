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
 * @param dot DNS over TLS (RFC 7858), or null for none
 * @param doh DNS over HTTPS (RFC 8484), or null for none
 */
public record ListenerSettings(InetSocketAddress listen, int threads, Tcp tcp, @Nullable Tls dot, @Nullable Tls doh) {

    public ListenerSettings {
        if (threads < 1 || threads > 1024) {
            throw new IllegalArgumentException("threads must be 1 to 1024, not " + threads);
        }
        if (listen.isUnresolved()) {
            throw new IllegalArgumentException("cannot listen on unknown host " + listen.getHostString());
        }
    }

    /**
     * What clients with connections may take, whether by TCP, TLS or HTTPS (RFC 7766 section 6, RFC 9210 section 4).
     *
     * @param idle how long a connection may go without a whole query while at most half of all are open; with all of them a tenth of it
     * @param connections of all clients together, at least 1
     * @param connectionsPerClient of one address (IPv6: one /64), at least 1
     * @param unfinished bytes that messages may take of which only a part has come, all together, at least one message's 64 KiB
     */
    public record Tcp(Duration idle, int connections, int connectionsPerClient, long unfinished) {

        private static final long LEAST_UNFINISHED = 64 << 10;
        private static final long UNFINISHED = 32 << 20;

        /** 10 s, 4096 connections, 128 of one client, 32 MiB. */
        public static final Tcp DEFAULT = new Tcp(Duration.ofSeconds(10), 4096, 128);

        /** With 32 MiB for unfinished messages. */
        public Tcp(Duration idle, int connections, int connectionsPerClient) {
            this(idle, connections, connectionsPerClient, UNFINISHED);
        }

        public Tcp {
            if (idle.isNegative() || idle.isZero() || connections < 1 || connectionsPerClient < 1) {
                throw new IllegalArgumentException("TCP limits must be above 0");
            }
            if (unfinished < LEAST_UNFINISHED) {
                throw new IllegalArgumentException(
                        "unfinished messages need 64KB at least, not " + unfinished + " bytes");
            }
        }
    }

    /**
     * One listener with TLS.
     *
     * @param certificate PEM chain, together with the key; null for a self-signed one
     * @param privateKey PEM, PKCS #8
     * @param state where a self-signed certificate is kept over restarts; null to make a new one each time
     */
    public record Tls(
            InetSocketAddress listen, @Nullable Path certificate, @Nullable Path privateKey, @Nullable Path state) {

        public Tls {
            if ((certificate == null) != (privateKey == null)) {
                throw new IllegalArgumentException(
                        "a certificate for DNS and its private key belong together: set both or none");
            }
            if (listen.isUnresolved()) {
                throw new IllegalArgumentException("cannot listen on unknown host " + listen.getHostString());
            }
        }
    }
}
