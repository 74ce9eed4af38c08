package com.kingcdn.origin.ingest;

import com.kingcdn.origin.content.StoreException;
import com.kingcdn.origin.content.Upload;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;

/**
 * Writes a request's body to an upload, one buffer at a time. Each is released when it has been written, or in its place when the
 * upload has been given up: there is no queue in which one could be forgotten, as in the operators that change threads.
 */
final class BodyWriter extends BaseSubscriber<DataBuffer> {

    private final Upload upload;
    private final Scheduler disk;
    private final IngestMetrics metrics;
    private final FluxSink<Integer> progress;

    /** Guarded by this. */
    private boolean writing;

    /** Guarded by this: the end has come while the last buffer is being written. */
    private boolean complete;

    /** @param progress gets the size of each buffer that was written, then the end */
    BodyWriter(Upload upload, Scheduler disk, IngestMetrics metrics, FluxSink<Integer> progress) {
        this.upload = upload;
        this.disk = disk;
        this.metrics = metrics;
        this.progress = progress;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(1);
    }

    @Override
    protected void hookOnNext(DataBuffer buffer) {
        synchronized (this) {
            writing = true;
        }
        try {
            disk.schedule(() -> take(buffer));
        } catch (RejectedExecutionException e) {
            DataBufferUtils.release(buffer);
            cancel();
            fail(e);
        }
    }

    private void take(DataBuffer buffer) {
        try {
            progress.next(write(buffer));
        } catch (StoreException | RuntimeException e) {
            cancel();
            fail(e);
            return;
        } finally {
            DataBufferUtils.release(buffer);
        }
        boolean last;
        synchronized (this) {
            writing = false;
            last = complete;
        }
        if (last) {
            progress.complete();
        } else {
            request(1);
        }
    }

    private int write(DataBuffer buffer) throws StoreException {
        int size = 0;
        try (DataBuffer.ByteBufferIterator parts = buffer.readableByteBuffers()) {
            while (parts.hasNext()) {
                ByteBuffer part = parts.next();
                size += part.remaining();
                metrics.received(part.remaining());
                upload.write(part);
            }
        }
        return size;
    }

    @Override
    protected void hookOnComplete() {
        synchronized (this) {
            complete = true;
            if (writing) {
                return;
            }
        }
        progress.complete();
    }

    @Override
    protected void hookOnError(Throwable failure) {
        fail(failure);
    }

    /** Unless nobody is left to be told: an upload that was given up fails its last write. */
    private void fail(Throwable failure) {
        if (!progress.isCancelled()) {
            progress.error(failure);
        }
    }
}
