package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSessionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS by what the files of a certificate hold: one that has replaced another is shown to connections that come later.
 *
 * <p>The files are looked at when a connection comes, every two seconds at most. What cannot be used is logged once for each change of
 * the files, and leaves in place what was shown before.
 */
final class RenewedContext extends SslContext {

    private static final Logger LOG = LoggerFactory.getLogger(RenewedContext.class);
    private static final long INTERVAL_MILLIS = 2_000;
    /** How long it takes to try again when a certificate of our own could not be replaced. */
    private static final Duration PATIENCE = Duration.ofHours(1);

    private final List<Path> files;
    private final Maker maker;
    private final Transport transport;
    private final InstantSource clock;
    private volatile SslContext current;
    private volatile long lookedAtMillis;
    private Instant due;
    private List<String> stamps;

    /**
     * What the files hold.
     *
     * @param expires when the certificate does
     * @param due when another is to be made, whether the files change or not; {@link Instant#MAX} for never
     */
    record Made(SslContext context, Instant expires, Instant due) {}

    /** Makes a context of what the files hold now. */
    @FunctionalInterface
    interface Maker {

        /**
         * Reads them.
         *
         * @throws IOException when they cannot be used; the message says what and why
         */
        Made make() throws IOException;
    }

    /**
     * Makes the first one.
     *
     * @param transport over which it is shown
     * @throws IOException when the files cannot be used
     */
    RenewedContext(List<Path> files, Maker maker, Transport transport, InstantSource clock) throws IOException {
        this.files = List.copyOf(files);
        this.maker = maker;
        this.transport = transport;
        this.clock = clock;
        stamps = stamps();
        Made made = made();
        current = made.context();
        due = made.due();
        lookedAtMillis = clock.millis();
        ConnectionMetrics.certificate(transport, made.expires());
    }

    /** What has been shown to work. */
    private Made made() throws IOException {
        Made made = maker.make();
        try {
            TrialHandshake.of(made.context());
        } catch (SSLException e) {
            throw new IOException(
                    "no client can use the certificate and key of " + files + " together: " + e.getMessage(), e);
        }
        return made;
    }

    private SslContext current() {
        // whichever way the clock was set
        if (Math.abs(clock.millis() - lookedAtMillis) >= INTERVAL_MILLIS) {
            look();
        }
        return current;
    }

    private synchronized void look() {
        Instant now = clock.instant();
        lookedAtMillis = now.toEpochMilli();
        List<String> found = stamps();
        boolean isDue = !now.isBefore(due);
        if (found.equals(stamps) && !isDue) {
            return;
        }
        stamps = found;
        try {
            Made made = made();
            current = made.context();
            due = made.due();
            ConnectionMetrics.certificate(transport, made.expires());
            LOG.info("Another certificate is shown from now on over {}, until {}", transport, made.expires());
        } catch (IOException e) {
            due = isDue ? now.plus(PATIENCE) : due;
            LOG.error("The certificate of before is shown further over {}: {}", transport, e.getMessage());
        }
    }

    /** Changes whenever one of the files does. */
    private List<String> stamps() {
        List<String> found = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                found.add(attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size());
            } catch (IOException absent) {
                found.add("");
            }
        }
        return found;
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return current().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return current().newEngine(allocator, peerHost, peerPort);
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return current.cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // Netty has no other type for it
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current.applicationProtocolNegotiator();
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current.sessionContext();
    }
}
