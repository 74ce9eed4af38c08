package com.kingcdn.redirector.server;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
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
    private static final long INTERVAL_NANOS = Duration.ofSeconds(2).toNanos();

    private final List<Path> files;
    private final Maker maker;
    private final LongSupplier nanoTime;
    private volatile SslContext current;
    private volatile long nextLook;
    private List<String> stamps;

    /** Makes a context of what the files hold now. */
    @FunctionalInterface
    interface Maker {

        /**
         * Reads them.
         *
         * @throws IOException when they cannot be used; the message says what and why
         */
        SslContext make() throws IOException;
    }

    /**
     * Makes the first one.
     *
     * @param nanoTime as {@link System#nanoTime}
     * @throws IOException when the files cannot be used
     */
    RenewedContext(List<Path> files, Maker maker, LongSupplier nanoTime) throws IOException {
        this.files = List.copyOf(files);
        this.maker = maker;
        this.nanoTime = nanoTime;
        stamps = stamps();
        current = maker.make();
        nextLook = nanoTime.getAsLong() + INTERVAL_NANOS;
    }

    private SslContext current() {
        if (nanoTime.getAsLong() - nextLook >= 0) {
            look();
        }
        return current;
    }

    private synchronized void look() {
        nextLook = nanoTime.getAsLong() + INTERVAL_NANOS;
        List<String> found = stamps();
        if (found.equals(stamps)) {
            return;
        }
        stamps = found;
        try {
            SslContext made = maker.make();
            TrialHandshake.of(made);
            current = made;
            LOG.info("The certificate of {} is shown from now on", files);
        } catch (IOException e) {
            LOG.error(
                    "The certificate of before is shown further, since that of {} cannot be used: {}",
                    files,
                    e.getMessage());
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
