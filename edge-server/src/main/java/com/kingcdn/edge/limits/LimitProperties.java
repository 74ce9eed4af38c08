package com.kingcdn.edge.limits;

import com.kingcdn.topology.RequestLimit;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What one client prefix and all requests together may have of this edge; {@code kingcdn.edge.limits}.
 *
 * @param clientRequestsPerSecond over all distributions; 0 for no limit
 * @param clientBurst requests at once after a pause; 0 for a second's worth
 * @param clientConcurrentRequests whose response has not ended; 0 for no limit
 * @param clients whose use is remembered at most; those seen least are forgotten first
 * @param concurrentRequests that are not answered from memory at once; the next one gets 503
 * @param memoryReserve direct memory to be kept free: below it only hits in memory are answered, the rest gets 503
 */
public record LimitProperties(
        @DefaultValue("0") @Min(0) @Max(10_000_000) int clientRequestsPerSecond,
        @DefaultValue("0") @Min(0) @Max(10_000_000) int clientBurst,
        @DefaultValue("0") @Min(0) @Max(10_000_000) int clientConcurrentRequests,
        @DefaultValue("100000") @Min(1) @Max(10_000_000) int clients,
        @DefaultValue("20000") @Min(1) @Max(10_000_000) int concurrentRequests,
        @DefaultValue("32MB") DataSize memoryReserve) {

    /** No limit for a client, 20,000 requests, 32 MB. */
    public static LimitProperties defaults() {
        return new LimitProperties(0, 0, 0, 100_000, 20_000, DataSize.ofMegabytes(32));
    }

    /** The limit for each client, or null for none. */
    @Nullable
    RequestLimit perClient() {
        return clientRequestsPerSecond == 0 && clientConcurrentRequests == 0
                ? null
                : new RequestLimit(
                        orNull(clientRequestsPerSecond), orNull(clientBurst), orNull(clientConcurrentRequests));
    }

    private static @Nullable Integer orNull(int value) {
        return value == 0 ? null : value;
    }
}
