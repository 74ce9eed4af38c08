package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** The socket of DNS over HTTPS: TLS with HTTP/2 and HTTP/1.1. */
final class DohServer implements AutoCloseable {

    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration WHOLE_REQUEST = Duration.ofSeconds(10);
    private static final Duration SHUTDOWN = Duration.ofSeconds(3);
    /** A query of 512 bytes with room to spare, in base64url; longer ones are to be posted. */
    private static final int LONGEST_REQUEST_LINE = 8192;

    private final DisposableServer server;

    private DohServer(DisposableServer server) {
        this.server = server;
    }

    static DohServer open(ListenerSettings.Tls settings, QueryHandler handler, ConnectionLimits limits)
            throws IOException {
        DohHandler doh = new DohHandler(handler, limits.unread());
        HttpServer server = HttpServer.create()
                .bindAddress(settings::listen)
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .idleTimeout(IDLE)
                .requestTimeout(WHOLE_REQUEST)
                .httpRequestDecoder(decoder -> decoder.maxInitialLineLength(LONGEST_REQUEST_LINE))
                .secure(TlsCertificate.forHttps(settings))
                .doOnChannelInit((observer, channel, remote) -> {
                    if (channel.remoteAddress() instanceof InetSocketAddress client
                            && limits.accept(channel, client, Transport.HTTPS)) {
                        channel.pipeline().addFirst(new TlsRecords(limits.unread()));
                    }
                })
                .handle(doh::handle);
        try {
            return new DohServer(server.bindNow());
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "cannot listen for DNS over HTTPS on " + settings.listen() + ": " + cause.getMessage(), e);
        }
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.address();
    }

    @Override
    public void close() {
        server.disposeNow(SHUTDOWN);
    }
}
