package com.kingcdn.metrics;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The route {@code GET /metrics}: a registry's metrics in the Prometheus text format 0.0.4, or as OpenMetrics 1.0.0 when the
 * {@code Accept} field asks for it. {@code name[]} parameters choose time series by name.
 *
 * <p>A scrape is written on a worker thread: reading memory pools and {@code /proc} takes milliseconds which no event loop has.
 */
public final class MetricsHandler {

    private final CollectorRegistry registry;

    private MetricsHandler(CollectorRegistry registry) {
        this.registry = registry;
    }

    /** The route over the default registry, to which the JVM's and the process's own metrics are added once. */
    public static RouterFunction<ServerResponse> routes() {
        DefaultExports.initialize();
        return routes(CollectorRegistry.defaultRegistry);
    }

    /** The route over this registry, as it is. */
    public static RouterFunction<ServerResponse> routes(CollectorRegistry registry) {
        return RouterFunctions.route()
                .GET("/metrics", new MetricsHandler(registry)::scrape)
                .build();
    }

    private Mono<ServerResponse> scrape(ServerRequest request) {
        String accept = String.join(",", request.headers().header(HttpHeaders.ACCEPT));
        Set<String> names = Set.copyOf(request.queryParams().getOrDefault("name[]", List.of()));
        String contentType = TextFormat.chooseContentType(accept);
        return Mono.fromCallable(() -> exposition(contentType, names))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(text -> ServerResponse.ok()
                        .header(HttpHeaders.CONTENT_TYPE, contentType)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .bodyValue(text));
    }

    private String exposition(String contentType, Set<String> names) {
        StringWriter text = new StringWriter(32 * 1024);
        try {
            TextFormat.writeFormat(contentType, text, registry.filteredMetricFamilySamples(names));
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does not fail", e);
        }
        return text.toString();
    }
}
