package com.kingcdn.edge.web;

import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.tls.ServerCertificate;
import com.kingcdn.edge.tls.TlsProperties;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.SslProvider;

/** How the content port speaks TLS: a certificate for each name, and HTTP/2 or HTTP/1.1 by ALPN (RFC 7301). */
final class TlsListener {

    private static final String NEGOTIATION = "negotiation";
    private static final String GUARD = "http2-guard";
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

    private final TlsProperties settings;
    private final CertificateDirectory certificates;
    private final ContentServerProperties limits;
    private final Consumer<Channel> http11;

    /** @param http11 prepares the pipeline of a connection that speaks HTTP/1.1 */
    TlsListener(
            TlsProperties settings,
            CertificateDirectory certificates,
            ContentServerProperties limits,
            Consumer<Channel> http11) {
        this.settings = settings;
        this.certificates = certificates;
        this.limits = limits;
        this.http11 = http11;
    }

    /** The server with TLS added to it. */
    HttpServer secure(HttpServer plain) {
        return plain.protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .secure(spec -> spec.sslContext(new NoContext())
                        .handshakeTimeout(HANDSHAKE_TIMEOUT)
                        .setSniAsyncMappings(this::provider))
                // of HTTP/2, whose header fields our own codec does not see
                .httpRequestDecoder(spec -> spec.validateHeaders(true))
                .http2Settings(spec -> spec.maxConcurrentStreams(settings.concurrentStreams())
                        .maxHeaderListSize(StrictHttpCodec.FIELDS_LIMIT + StrictHttpCodec.TARGET_LIMIT));
    }

    /** Watches a new connection until it is known what it speaks. */
    void prepare(Channel channel) {
        channel.pipeline().addAfter(NettyPipeline.H2OrHttp11Codec, NEGOTIATION, new Negotiation());
    }

    private Future<SslProvider> provider(@Nullable String serverName, Promise<SslProvider> promise) {
        ServerCertificate certificate = certificates.find(serverName);
        if (certificate == null) {
            return promise.setFailure(new SSLException("no certificate for this name, and no default"));
        }
        return promise.setSuccess(SslProvider.builder()
                .sslContext(certificate.context())
                .handshakeTimeout(HANDSHAKE_TIMEOUT)
                .handlerConfigurator(certificate::staple)
                .build());
    }

    /** Stands behind Reactor Netty's own negotiation, which lays the pipeline that is made ours here. */
    private final class Negotiation extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof SniCompletionEvent name) {
                new TlsConnection(certificates, name.hostname()).attach(context.channel());
            } else if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                ChannelPipeline pipeline = context.pipeline();
                if (pipeline.get(NettyPipeline.HttpCodec) instanceof Http2FrameCodec codec) {
                    EdgeMetrics.HANDSHAKES_HTTP2.inc();
                    pipeline.addAfter(
                            NettyPipeline.HttpCodec,
                            GUARD,
                            new Http2Guard(
                                    codec.connection(),
                                    limits.idleTimeout().toNanos(),
                                    limits.stallTimeout().toNanos()));
                } else {
                    EdgeMetrics.HANDSHAKES_HTTP11.inc();
                    http11.accept(context.channel());
                }
                context.fireUserEventTriggered(event);
                pipeline.remove(this);
                return;
            }
            context.fireUserEventTriggered(event);
        }

        /** Handshakes fail all day, mostly because somebody scans; that is counted, and nothing else. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            EdgeMetrics.HANDSHAKES_FAILED.inc();
            context.close();
        }
    }

    /** Never used: each connection has the context of its certificate. */
    private static final class NoContext implements SslProvider.GenericSslContextSpec<Void> {

        @Override
        public NoContext configure(Consumer<Void> builder) {
            return this;
        }

        @Override
        public io.netty.handler.ssl.SslContext sslContext() throws SSLException {
            return io.netty.handler.ssl.SslContextBuilder.forClient().build();
        }
    }
}
