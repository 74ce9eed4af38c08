package com.kingcdn.edge.web;

import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.tls.ServerCertificate;
import com.kingcdn.edge.transport.SendBuffer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** How the content port comes to speak TLS: a certificate for each name, and HTTP/2 or HTTP/1.1 by ALPN (RFC 7301). */
final class TlsHandshake {

    private static final long TIMEOUT_MILLIS = TimeUnit.SECONDS.toMillis(10);

    /** Of a client's hello: more than any client sends, less than an attacker would like us to keep. */
    private static final int LONGEST_HELLO = 32 * 1024;

    private final CertificateDirectory certificates;
    private final AlternativeService alternative;
    private final Http1Path http1;
    private final Http2Path http2;

    TlsHandshake(CertificateDirectory certificates, AlternativeService alternative, Http1Path http1, Http2Path http2) {
        this.certificates = certificates;
        this.alternative = alternative;
        this.http1 = http1;
        this.http2 = http2;
    }

    /** Prepares a new connection. */
    void prepare(Channel channel) {
        channel.pipeline().addLast(new CertificateChoice()).addLast(new Negotiation());
    }

    /** Waits for the name that the client asks for (RFC 6066 section 3). */
    private final class CertificateChoice extends AbstractSniHandler<ServerCertificate> {

        CertificateChoice() {
            super(LONGEST_HELLO, TIMEOUT_MILLIS);
        }

        @Override
        protected Future<ServerCertificate> lookup(ChannelHandlerContext context, @Nullable String serverName) {
            ServerCertificate certificate = certificates.find(serverName);
            return certificate == null
                    ? context.executor()
                            .newFailedFuture(new SSLException("no certificate for this name, and no default"))
                    : context.executor().newSucceededFuture(certificate);
        }

        @Override
        protected void onLookupComplete(
                ChannelHandlerContext context, @Nullable String serverName, Future<ServerCertificate> found)
                throws SSLException {
            if (!found.isSuccess()) {
                throw new SSLException(found.cause());
            }
            new TlsConnection(certificates, alternative, serverName).attach(context.channel());
            ServerCertificate certificate = found.getNow();
            SslHandler tls = certificate.context().newHandler(context.alloc());
            tls.setHandshakeTimeoutMillis(TIMEOUT_MILLIS);
            certificate.staple(tls);
            context.pipeline().replace(this, "tls", tls);
        }
    }

    /** Lays the pipeline for what was agreed on. */
    private final class Negotiation extends ChannelInboundHandlerAdapter {

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ConnectionEnd.STOP) {
                context.close();
            } else if (event instanceof SniCompletionEvent name && !name.isSuccess()) {
                failed(context);
            } else if (event instanceof SslHandshakeCompletionEvent handshake) {
                if (handshake.isSuccess()) {
                    agreed(context);
                } else {
                    failed(context);
                }
            }
        }

        private void agreed(ChannelHandlerContext context) {
            // by now the client has acknowledged our part of it
            SendBuffer.of(context.channel()).fit();
            ChannelPipeline pipeline = context.pipeline();
            if (ApplicationProtocolNames.HTTP_2.equals(
                    pipeline.get(SslHandler.class).applicationProtocol())) {
                EdgeMetrics.HANDSHAKES_HTTP2.inc();
                http2.prepare(context.channel());
            } else {
                EdgeMetrics.HANDSHAKES_HTTP11.inc();
                http1.prepare(context.channel());
            }
            pipeline.remove(this);
        }

        /** Handshakes fail all day, mostly because somebody scans; that is counted, and nothing else. */
        private void failed(ChannelHandlerContext context) {
            EdgeMetrics.HANDSHAKES_FAILED.inc();
            context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
