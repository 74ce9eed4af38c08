package com.kingcdn.origin.ingest;

import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentPath;
import com.kingcdn.origin.content.ContentStore;
import com.kingcdn.origin.content.StoreException;
import com.kingcdn.origin.content.Upload;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The writing of a request's body into the store as it arrives: one buffer is on the way between socket and disk, and when the disk
 * is slower the client is slowed down. However it ends, an upload that was not committed leaves nothing.
 */
public final class Ingestor {

    private static final Logger LOG = LoggerFactory.getLogger(Ingestor.class);

    private final ContentStore store;
    private final IngestProperties limits;
    private final IngestMetrics metrics;
    private final Semaphore slots;
    private final Scheduler disk = Schedulers.boundedElastic();

    public Ingestor(ContentStore store, IngestProperties limits, IngestMetrics metrics) {
        this.store = store;
        this.limits = limits;
        this.metrics = metrics;
        this.slots = new Semaphore(limits.maxConcurrent());
    }

    /**
     * What to store.
     *
     * @param sha256 digest that was announced, in hexadecimal, or null
     * @param condition on what the path names when the content is complete
     */
    record Wanted(
            ContentPath path, String type, @Nullable String sha256, Predicate<@Nullable CatalogEntry> condition) {}

    /** Says that as many uploads run as may. */
    static final class BusyException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    long maxSize() {
        return limits.maxSize().toBytes();
    }

    /**
     * Stores a body.
     *
     * @return fails with {@link BusyException}, {@link StoreException} or {@link java.util.concurrent.TimeoutException}
     */
    Mono<Upload.Committed> ingest(Wanted wanted, Flux<DataBuffer> body) {
        return Mono.defer(() -> {
            if (!slots.tryAcquire()) {
                return Mono.error(new BusyException());
            }
            metrics.began();
            // a connection that closes may end this with an error, with a cancellation, or with one after the other
            AtomicReference<IngestMetrics.Outcome> outcome = new AtomicReference<>(IngestMetrics.Outcome.ABORTED);
            return Mono.usingWhen(
                            Mono.fromSupplier(() -> store.begin(wanted.path(), wanted.type(), maxSize())),
                            upload -> write(body, upload)
                                    .then(uninterrupted(() -> upload.commit(wanted.sha256(), wanted.condition()))),
                            this::close,
                            (upload, error) -> close(upload),
                            this::close)
                    .doOnDiscard(DataBuffer.class, DataBufferUtils::release)
                    .doOnSuccess(committed -> outcome.set(
                            committed.replaced() == null
                                    ? IngestMetrics.Outcome.CREATED
                                    : IngestMetrics.Outcome.REPLACED))
                    .doOnError(error -> outcome.set(outcomeOf(error)))
                    .doFinally(end -> {
                        metrics.ended(Objects.requireNonNull(outcome.get()));
                        slots.release();
                    });
        });
    }

    /** Gives the sizes of what was written: time is kept over these, since what a timeout drops is released by nobody. */
    private Flux<Integer> write(Flux<DataBuffer> body, Upload upload) {
        return Flux.<Integer>create(progress -> {
                    BodyWriter writer = new BodyWriter(upload, disk, metrics, progress);
                    progress.onDispose(writer::cancel);
                    body.contextWrite(progress.contextView()).subscribe(writer);
                })
                .timeout(limits.idleTimeout());
    }

    /**
     * Removes what the path names.
     *
     * @return whether there was anything
     */
    Mono<Boolean> delete(ContentPath path, Predicate<CatalogEntry> condition) {
        return uninterrupted(() -> store.delete(path, condition));
    }

    private Mono<Void> close(Upload upload) {
        return uninterrupted(() -> {
                    upload.close();
                    return upload;
                })
                .onErrorComplete(error -> {
                    LOG.warn(
                            "what a cut-off upload left cannot be removed before the next start: {}", error.toString());
                    return true;
                })
                .then();
    }

    /**
     * Runs to its end although the one who waits may go. A scheduler would interrupt the thread then, which closes the file under it: a
     * change of the store must not stop halfway.
     */
    private <T> Mono<T> uninterrupted(Callable<T> task) {
        return Mono.fromFuture(
                () -> {
                    CompletableFuture<T> result = new CompletableFuture<>();
                    disk.schedule(() -> {
                        try {
                            result.complete(task.call());
                        } catch (Exception e) {
                            result.completeExceptionally(e);
                        }
                    });
                    return result;
                },
                true);
    }

    private static IngestMetrics.Outcome outcomeOf(Throwable error) {
        if (error instanceof StoreException refused) {
            return switch (refused.kind()) {
                case DIGEST_MISMATCH, TOO_LARGE, CONDITION_FAILED -> IngestMetrics.Outcome.REFUSED;
                case ABORTED -> IngestMetrics.Outcome.ABORTED;
                case NO_SPACE, IO -> IngestMetrics.Outcome.FAILED;
            };
        }
        return IngestMetrics.Outcome.ABORTED;
    }
}
