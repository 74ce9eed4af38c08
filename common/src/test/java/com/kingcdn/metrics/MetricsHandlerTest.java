package com.kingcdn.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class MetricsHandlerTest {

    private final CollectorRegistry registry = new CollectorRegistry();
    private final Counter requests = Counter.build("kingcdn_test_requests_total", "Requests")
            .labelNames("method")
            .register(registry);
    private final HttpClient client = HttpClient.newHttpClient();
    private DisposableServer server = serve(MetricsHandler.routes(registry));

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    @Test
    void answersThePrometheusTextFormat() throws Exception {
        requests.labels("GET").inc(3);

        HttpResponse<String> response = get("/metrics", "*/*");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body())
                .contains("# TYPE kingcdn_test_requests_total counter\n")
                .contains("kingcdn_test_requests_total{method=\"GET\",} 3.0\n");
    }

    @Test
    void answersOpenMetricsWhenAsked() throws Exception {
        HttpResponse<String> response =
                get("/metrics", "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5");

        assertThat(response.headers().firstValue("content-type").orElseThrow())
                .startsWith("application/openmetrics-text");
        assertThat(response.body()).endsWith("# EOF\n");
    }

    @Test
    void narrowsToTheNamesAskedFor() throws Exception {
        Counter.build("kingcdn_test_other_total", "Other").register(registry);

        assertThat(get("/metrics?name%5B%5D=kingcdn_test_other_total", "*/*").body())
                .contains("kingcdn_test_other_total 0.0")
                .doesNotContain("kingcdn_test_requests_total");
    }

    @Test
    void theDefaultRouteHasTheJvmsMetricsHoweverOftenItIsMade() throws Exception {
        MetricsHandler.routes();
        server.disposeNow();
        server = serve(MetricsHandler.routes());

        assertThat(get("/metrics", "*/*").body())
                .contains("jvm_memory_bytes_used")
                .contains("process_cpu_seconds_total");
    }

    private static DisposableServer serve(RouterFunction<ServerResponse> routes) {
        return HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(routes)))
                .bindNow();
    }

    private HttpResponse<String> get(String target, String accept) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + target);
        return client.send(
                HttpRequest.newBuilder(uri).header("Accept", accept).build(), HttpResponse.BodyHandlers.ofString());
    }
}
