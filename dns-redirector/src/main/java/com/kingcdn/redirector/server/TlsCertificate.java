package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.tcp.SslProvider;

/** The certificate of DNS over TLS and HTTPS: the operator's, or a self-signed one that is kept in the state directory. */
final class TlsCertificate {

    private static final Logger LOG = LoggerFactory.getLogger(TlsCertificate.class);
    private static final String CERTIFICATE_FILE = "doh-certificate.pem";
    private static final String KEY_FILE = "doh-private-key.pem";
    private static final String ALPN_DNS = "dot";
    private static final Duration VALIDITY = Duration.ofDays(365);
    /** A certificate of our own with less than this left is replaced. */
    private static final Duration RENEWAL = Duration.ofDays(30);

    private TlsCertificate() {}

    /** @throws IOException when the certificate or key cannot be read or is none, or a new one cannot be stored */
    static Consumer<SslProvider.SslContextSpec> forHttps(ListenerSettings.Tls settings) throws IOException {
        SslContext context = renewed(settings, Transport.HTTPS, TlsCertificate::httpsContext);
        return spec -> spec.sslContext(context);
    }

    /**
     * For DNS over TLS: TLS 1.2 and 1.3, and the protocol {@code dot} for clients that name protocols.
     *
     * @throws IOException as {@link #forHttps}
     */
    static SslContext forDns(ListenerSettings.Tls settings) throws IOException {
        return renewed(settings, Transport.TLS, TlsCertificate::dnsContext);
    }

    /** Makes a context of a certificate. */
    private interface Protocol {

        SslContext context(Source source) throws SSLException;
    }

    private static SslContext renewed(ListenerSettings.Tls settings, Transport transport, Protocol protocol)
            throws IOException {
        Source first = Source.of(settings);
        List<Path> files = first.made() != null
                ? List.of()
                : List.of(first.certificate().toPath(), first.key().toPath());
        return new RenewedContext(files, () -> make(Source.of(settings), protocol), transport, InstantSource.system());
    }

    private static RenewedContext.Made make(Source source, Protocol protocol) throws IOException {
        try {
            SslContext context = protocol.context(source);
            Instant expires = source.shown().getNotAfter().toInstant();
            return new RenewedContext.Made(context, expires, source.ours() ? expires.minus(RENEWAL) : Instant.MAX);
        } catch (SSLException | CertificateException | IllegalArgumentException e) {
            throw source.unusable(e);
        }
    }

    private static SslContext httpsContext(Source source) throws SSLException {
        return (source.made() == null
                        ? Http2SslContextSpec.forServer(source.certificate(), source.key())
                        : Http2SslContextSpec.forServer(
                                source.made().getKeyPair().getPrivate(),
                                source.made().getCertificate()))
                .sslContext();
    }

    private static SslContext dnsContext(Source source) throws SSLException {
        SslContextBuilder builder = source.made() == null
                ? SslContextBuilder.forServer(source.certificate(), source.key())
                : SslContextBuilder.forServer(
                        source.made().getKeyPair().getPrivate(), source.made().getCertificate());
        return builder.protocols("TLSv1.3", "TLSv1.2")
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ALPN_DNS))
                .build();
    }

    /**
     * Where a certificate comes from: two files, or, where nothing is kept, one that was made for this process.
     *
     * @param ours whether it was made here
     */
    private record Source(File certificate, File key, @Nullable X509Bundle made, boolean ours) {

        /** One at a time: what is kept is one for all transports. */
        static synchronized Source of(ListenerSettings.Tls settings) throws IOException {
            @Nullable Path certificate = settings.certificate();
            @Nullable Path key = settings.privateKey();
            @Nullable Path state = settings.state();
            if (certificate != null && key != null) {
                return ofFiles(certificate, key, false);
            }
            if (state == null) {
                return new Source(new File(CERTIFICATE_FILE), new File(KEY_FILE), selfSigned(settings), true);
            }
            Path keptCertificate = state.resolve(CERTIFICATE_FILE);
            Path keptKey = state.resolve(KEY_FILE);
            if (!isUsable(keptCertificate, keptKey)) {
                store(selfSigned(settings), state, keptCertificate, keptKey);
            }
            return ofFiles(keptCertificate, keptKey, true);
        }

        private static Source ofFiles(Path certificate, Path key, boolean ours) throws IOException {
            for (Path file : new Path[] {certificate, key}) {
                if (!Files.isReadable(file)) {
                    throw new IOException(
                            "PEM file " + file + " for DNS over TLS or HTTPS does not exist or cannot be read");
                }
            }
            return new Source(certificate.toFile(), key.toFile(), null, ours);
        }

        /** The one that clients are shown, without those that have signed it. */
        X509Certificate shown() throws IOException, CertificateException {
            return made != null ? made.getCertificate() : read(certificate.toPath());
        }

        IOException unusable(Exception cause) {
            return new IOException(
                    "cannot use certificate " + certificate + " with key " + key + ": " + cause.getMessage(), cause);
        }
    }

    private static boolean isUsable(Path certificate, Path key) {
        if (!Files.isReadable(certificate) || !Files.isReadable(key)) {
            return false;
        }
        try {
            read(certificate).checkValidity(Date.from(Instant.now().plus(RENEWAL)));
            return true;
        } catch (IOException | CertificateException e) {
            LOG.info("Replacing the self-signed certificate {}: {}", certificate, e.getMessage());
            return false;
        }
    }

    /** The first one in a file. */
    private static X509Certificate read(Path certificate) throws IOException, CertificateException {
        try (InputStream in = Files.newInputStream(certificate)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static X509Bundle selfSigned(ListenerSettings.Tls settings) throws IOException {
        Instant now = Instant.now();
        try {
            CertificateBuilder builder = new CertificateBuilder()
                    .subject("CN=KingCDN redirector")
                    // a certificate that signs itself is an authority, if only for itself
                    .setIsCertificateAuthority(true)
                    .ecp256()
                    .notBefore(now.minus(Duration.ofHours(1)))
                    .notAfter(now.plus(VALIDITY))
                    .addSanDnsName("localhost")
                    .addSanIpAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))
                    .addExtendedKeyUsageServerAuth();
            InetAddress listen = settings.listen().getAddress();
            if (!listen.isAnyLocalAddress()) {
                builder.addSanIpAddress(listen);
            }
            return builder.buildSelfSigned();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot make a self-signed certificate: " + e.getMessage(), e);
        }
    }

    private static void store(X509Bundle bundle, Path state, Path certificate, Path key) throws IOException {
        Files.createDirectories(state);
        write(key, bundle.getPrivateKeyPEM(), "rw-------");
        write(certificate, bundle.getCertificatePathPEM(), "rw-r--r--");
    }

    private static void write(Path file, String text, String permissions) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(
                    temporary, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
        }
        Files.write(temporary, text.getBytes(StandardCharsets.US_ASCII));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
