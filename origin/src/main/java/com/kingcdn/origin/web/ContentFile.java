package com.kingcdn.origin.web;

import io.netty.channel.DefaultFileRegion;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import io.prometheus.client.Counter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;

/**
 * An open file of content on its way to one client, in pieces which the kernel sends (sendfile) and which count what really left.
 * Closed when its owner and all of its pieces have been released: a piece may still be in a channel's queue when the owner is done.
 */
final class ContentFile extends AbstractReferenceCounted {

    private static final Logger LOG = LoggerFactory.getLogger(ContentFile.class);

    /** What is counted and released at a time. */
    private static final int PIECE = 1 << 20;

    private final FileChannel channel;
    private final Counter.Child sentTotal;
    private final AtomicLong sent = new AtomicLong();

    ContentFile(FileChannel channel, Counter.Child sentTotal) {
        this.channel = channel;
        this.sentTotal = sentTotal;
    }

    /** This run of bytes as pieces, each made when it is asked for; who asks must write it. */
    Flux<Supplier<Object>> pieces(long first, long length) {
        int count = Math.toIntExact((length + PIECE - 1) / PIECE);
        return Flux.range(0, count).map(i -> {
            long offset = (long) i * PIECE;
            return () -> new Piece(first + offset, Math.min(PIECE, length - offset));
        });
    }

    /** How many bytes have left by now. */
    long sent() {
        return sent.get();
    }

    @Override
    protected void deallocate() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("closing a file of content failed: {}", e.toString());
        }
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }

    private final class Piece extends DefaultFileRegion {

        Piece(long position, long count) {
            super(channel, position, count);
            ContentFile.this.retain();
        }

        /** Leaves the file open, which the others share. */
        @Override
        protected void deallocate() {
            sent.addAndGet(transferred());
            sentTotal.inc((double) transferred());
            ContentFile.this.release();
        }
    }
}
