package com.kingcdn.redirector.api;

import com.kingcdn.control.HealthReport;
import com.kingcdn.control.PurgeRequest;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The calls of the API that come in thousands, for a server that hands them over with no framework between.
 *
 * @param tokens which the server asks for
 * @param purge {@code POST} of {@link #PURGES}; throws, or completes with, what a {@link Problem} is made of
 * @param health {@code POST} of {@link #HEALTH}; the same
 * @param feed {@code GET} of {@link #EVENTS}
 */
public record DirectCalls(
        ApiTokens tokens,
        Function<PurgeRequest, CompletableFuture<Reply>> purge,
        Function<HealthReport, CompletableFuture<Reply>> health,
        EventFeed feed) {

    public static final String PURGES = "/v1/purges";
    public static final String HEALTH = "/v1/reports/health";
    public static final String EVENTS = "/v1/events";

    /** The largest request body, in bytes. */
    public static final int MAX_BODY_BYTES = ApiConfiguration.MAX_BODY_BYTES;
}
