package com.kingcdn.redirector.api;

import com.kingcdn.control.HealthReport;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.PurgeRequest;
import com.kingcdn.control.RttReport;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The calls of the API that come in thousands, for a server that hands them over with no framework between.
 *
 * @param tokens which the server asks for
 * @param purge {@code POST} of {@link #PURGES}; throws, or completes with, what a {@link Problem} is made of
 * @param health {@code POST} of {@link #HEALTH}; the same
 * @param load {@code POST} of {@link #LOAD}; the same
 * @param rtt {@code POST} of {@link #RTT}; the same
 * @param feed {@code GET} of {@link #EVENTS}
 */
public record DirectCalls(
        ApiTokens tokens,
        Function<PurgeRequest, CompletableFuture<Reply>> purge,
        Function<HealthReport, CompletableFuture<Reply>> health,
        Function<LoadReport, CompletableFuture<Reply>> load,
        Function<RttReport, CompletableFuture<Reply>> rtt,
        EventFeed feed) {

    public static final String PURGES = "/v1/purges";
    public static final String HEALTH = "/v1/reports/health";
    public static final String LOAD = "/v1/reports/load";
    public static final String RTT = "/v1/reports/rtt";
    public static final String EVENTS = "/v1/events";

    /** The largest request body, in bytes. */
    public static final int MAX_BODY_BYTES = ApiConfiguration.MAX_BODY_BYTES;
}
