package com.kingcdn.redirector.api;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The ways from a call of a registry to a reply. */
final class Replies {

    private Replies() {}

    /** Runs a call that waits for the disk where waiting is allowed. */
    static <T> Mono<T> blocking(Callable<T> call) {
        return Mono.fromCallable(call).subscribeOn(Schedulers.boundedElastic());
    }

    /** Goes on when the store is done, off the thread that writes. */
    static <T> Mono<T> stored(Supplier<CompletableFuture<T>> call) {
        return Mono.fromFuture(call)
                .onErrorMap(CompletionException.class, e -> e.getCause() == null ? e : e.getCause())
                .publishOn(Schedulers.parallel());
    }

    /** The value, or 404 naming what there is not. */
    static <T> Mono<T> found(Optional<T> value, String kind, String id) {
        return value.map(Mono::just).orElseGet(() -> Mono.error(missing(kind, id)));
    }

    static ResponseStatusException missing(String kind, String id) {
        return new ResponseStatusException(HttpStatus.NOT_FOUND, "there is no " + kind + " '" + id + "'");
    }
}
