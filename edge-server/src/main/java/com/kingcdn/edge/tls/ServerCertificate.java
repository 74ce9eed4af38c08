package com.kingcdn.edge.tls;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A certificate that can be shown, with what TLS needs of it. */
public final class ServerCertificate {

    private static final Logger LOG = LoggerFactory.getLogger(ServerCertificate.class);
    private static final String HTTP_3 = "h3";

    private final String name;
    private final KeyPairFiles.Loaded files;
    private final SslContext context;
    private @Nullable QuicSslContext quic;
    private boolean quicFailed;

    private ServerCertificate(String name, KeyPairFiles.Loaded files, SslContext context) {
        this.name = name;
        this.files = files;
        this.context = context;
    }

    /** Whether BoringSSL does the work; else the JDK does, which is slower and cannot staple. */
    public static boolean isNative() {
        return OpenSsl.isAvailable();
    }

    static ServerCertificate of(String name, KeyPairFiles.Loaded files) throws BrokenCertificateException {
        boolean staple = files.ocsp() != null && isNative();
        try {
            SslContext context = SslContextBuilder.forServer(files.key(), files.chain())
                    .sslProvider(isNative() ? SslProvider.OPENSSL : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_2,
                            ApplicationProtocolNames.HTTP_1_1))
                    .enableOcsp(staple)
                    .build();
            return new ServerCertificate(name, files, context);
        } catch (SSLException | RuntimeException e) {
            throw new BrokenCertificateException("TLS does not take it: " + e.getMessage(), e);
        }
    }

    /** The host that its files are named after; {@code default}, or {@code *.} and a name, too. */
    public String name() {
        return name;
    }

    /** For connections over TCP. */
    public SslContext context() {
        return context;
    }

    /**
     * For connections over QUIC, which are HTTP/3's only: no early data, since what it carries can be sent again by anybody (RFC 8470).
     *
     * @return null when QUIC's library does not take the certificate, which is logged once
     */
    public synchronized @Nullable QuicSslContext quic() {
        if (quic == null && !quicFailed) {
            try {
                quic = QuicSslContextBuilder.forServer(files.key(), null, files.chain())
                        .applicationProtocols(HTTP_3)
                        .earlyData(false)
                        .build();
            } catch (RuntimeException e) {
                quicFailed = true;
                LOG.error("certificate of {} cannot be used for HTTP/3: {}", name, e.toString());
            }
        }
        return quic;
    }

    Instant notAfter() {
        return files.chain()[0].getNotAfter().toInstant();
    }

    /** Staples the OCSP response (RFC 6066 section 8), where there is one, to a connection that has not begun. */
    public void staple(SslHandler connection) {
        byte @Nullable [] ocsp = files.ocsp();
        if (ocsp != null && connection.engine() instanceof ReferenceCountedOpenSslEngine engine) {
            engine.setOcspResponse(ocsp);
        }
    }
}
