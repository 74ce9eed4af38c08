package com.kingcdn.control.client;

import com.kingcdn.control.BearerToken;
import com.kingcdn.control.ControlJson;
import com.kingcdn.control.HealthReport;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.ProbeTargets;
import com.kingcdn.control.RttReport;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import tools.jackson.databind.json.JsonMapper;

/**
 * An edge's client of the control API: follows {@code GET /v1/events}, and posts reports, and asks whom to probe.
 *
 * <p>Several redirectors can be named. Events come from one of them at a time, the next in turn after a failure; a report goes to the
 * one events come from, and to the others in turn when that fails. It has an event loop of its own, so that a busy content port
 * cannot make a heartbeat late.
 */
public final class ControlPlaneClient implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration REPORT_TIMEOUT = Duration.ofSeconds(2);
    private static final int MAX_CONNECTIONS = 4;
    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;

    private final JsonMapper json = ControlJson.mapper();
    private final @Nullable LoopResources ownLoop;
    private final ConnectionProvider connections;
    private final ControlUrls urls;
    private final HttpClient http;
    private volatile @Nullable KnownTargets targets;

    /**
     * @param controls base URLs of redirectors' control APIs, such as {@code http://127.0.0.1:8500}; at least one
     * @param token an edge token, which redirectors know too
     */
    public ControlPlaneClient(List<URI> controls, BearerToken token) {
        this(controls, token, null);
    }

    /**
     * One that shares its event loop with others.
     *
     * @param shared disposed by whoever made it; null for a loop of its own
     */
    public ControlPlaneClient(List<URI> controls, BearerToken token, @Nullable LoopResources shared) {
        ownLoop = shared == null ? LoopResources.create("control", 1, true) : null;
        urls = new ControlUrls(controls);
        connections = ConnectionProvider.builder("control")
                .maxConnections(MAX_CONNECTIONS)
                .pendingAcquireTimeout(REPORT_TIMEOUT)
                .maxIdleTime(Duration.ofSeconds(30))
                .build();
        http = HttpClient.create(connections)
                .runOn(shared == null ? Objects.requireNonNull(ownLoop) : shared)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
                .headers(headers -> headers.set(HttpHeaderNames.AUTHORIZATION, token.authorizationHeader()));
    }

    /**
     * Follows the events until disposed: connects, hands each event to the handler, and connects again whenever the connection is
     * lost or silent.
     *
     * @param scheduler with a single thread, which the handler is called on
     */
    public Disposable follow(ControlEventHandler handler, Scheduler scheduler) {
        return new EventFollower(http, urls, new ControlEventReader(), handler).start(scheduler);
    }

    /** Posts a health report; fails with {@link ControlPlaneException} when no redirector accepts it. */
    public Mono<Void> report(HealthReport report) {
        return post(ControlMetrics.Report.HEALTH, report);
    }

    /** Posts a load report; fails with {@link ControlPlaneException} when no redirector accepts it. */
    public Mono<Void> report(LoadReport report) {
        return post(ControlMetrics.Report.LOAD, report);
    }

    /** Posts an RTT report; fails with {@link ControlPlaneException} when no redirector accepts it. */
    public Mono<Void> report(RttReport report) {
        return post(ControlMetrics.Report.RTT, report);
    }

    /**
     * Asks the redirector that events come from whom to probe. What has not changed since the last call is not sent again. Fails with
     * {@link ControlPlaneException} when there is no answer.
     */
    public Mono<ProbeTargets> probeTargets() {
        return Mono.defer(() -> probeTargets(urls.current()));
    }

    private Mono<ProbeTargets> probeTargets(URI base) {
        String url = ControlUrls.resolve(base, ProbeTargets.PATH);
        KnownTargets before = targets;
        return http.headers(headers -> {
                    if (before != null) {
                        headers.set(HttpHeaderNames.IF_NONE_MATCH, before.tag());
                    }
                })
                .get()
                .uri(url)
                .responseSingle((response, content) -> {
                    int status = response.status().code();
                    if (status == NOT_MODIFIED && before != null) {
                        return content.then(Mono.just(before.targets()));
                    }
                    @Nullable String tag = response.responseHeaders().get(HttpHeaderNames.ETAG);
                    return status != OK
                            ? content.then(Mono.<ProbeTargets>error(Refusals.of("GET " + url, status)))
                            : content.asByteArray().map(body -> keep(tag, body));
                })
                .timeout(REPORT_TIMEOUT)
                .onErrorMap(failure -> Refusals.wrap("GET " + url, failure));
    }

    private ProbeTargets keep(@Nullable String tag, byte[] body) {
        ProbeTargets fresh = json.readValue(body, ProbeTargets.class);
        targets = tag == null ? null : new KnownTargets(tag, fresh);
        return fresh;
    }

    private record KnownTargets(String tag, ProbeTargets targets) {}

    private Mono<Void> post(ControlMetrics.Report kind, Object report) {
        return Mono.fromSupplier(() -> json.writeValueAsBytes(report)).flatMap(body -> {
            Mono<Void> attempts = Mono.error(new ControlPlaneException("no redirector is named", 0, null));
            boolean first = true;
            for (URI base : urls.fromCurrent()) {
                Mono<Void> attempt = post(base, kind, body);
                attempts = first ? attempt : attempts.onErrorResume(failed -> attempt);
                first = false;
            }
            return attempts.doOnError(failed -> ControlMetrics.failed(kind));
        });
    }

    private Mono<Void> post(URI base, ControlMetrics.Report kind, byte[] body) {
        String url = ControlUrls.resolve(base, kind.path());
        return http.headers(headers -> headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                        .set(HttpHeaderNames.CONTENT_LENGTH, body.length))
                .post()
                .uri(url)
                .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(body)))
                .responseSingle((response, content) -> {
                    int status = response.status().code();
                    return status / 100 == 2
                            ? content.then()
                            : content.then(Mono.<Void>error(Refusals.of("POST " + url, status)));
                })
                .timeout(REPORT_TIMEOUT)
                .onErrorMap(failure -> Refusals.wrap("POST " + url, failure));
    }

    /** Ends all connections. */
    @Override
    public void close() {
        connections
                .disposeLater()
                .then(ownLoop == null ? Mono.empty() : ownLoop.disposeLater(Duration.ZERO, Duration.ofSeconds(1)))
                .block(Duration.ofSeconds(5));
    }
}
