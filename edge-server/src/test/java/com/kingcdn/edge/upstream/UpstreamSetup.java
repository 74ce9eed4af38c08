package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.control.ControlJson;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginEndpoint;
import com.kingcdn.topology.UpstreamSettings;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** A client on two event loops, with little patience and four connections to each origin, and origins on real sockets. */
final class UpstreamSetup implements AutoCloseable {

    private final Transport transport = Transport.open("test-upstream", 2);
    private final List<Runnable> closing = new ArrayList<>();
    final UpstreamClient client = client(Duration.ofMillis(400), Duration.ofMillis(400));

    UpstreamClient client(Duration response, Duration idle) {
        UpstreamProperties settings = new UpstreamProperties(
                Duration.ofSeconds(2), response, idle, Duration.ofSeconds(4), 4, 4, ForwardedStyle.X_FORWARDED);
        UpstreamClient made = new UpstreamClient(
                settings, new ForwardedFields("nyc-1", settings.forwarded()), transport, Clock.systemUTC());
        closing.add(made::close);
        return made;
    }

    RawOrigin origin(RawOrigin.Handler handler) {
        RawOrigin origin = new RawOrigin(handler);
        closing.add(origin::close);
        return origin;
    }

    RawOrigin saying(String response) {
        RawOrigin origin = RawOrigin.saying(response);
        closing.add(origin::close);
        return origin;
    }

    Transport transport() {
        return transport;
    }

    static UpstreamRequest request(String method, @Nullable Flux<ByteBuf> body, OriginEndpoint... endpoints) {
        HeaderFields fields = body == null ? HeaderFields.EMPTY : HeaderFields.of("x-a", "b");
        return new UpstreamRequest(
                new Distribution("d", null, List.of(endpoints), HostHeader.ORIGIN),
                method,
                "client.example",
                "/a?b=%20c",
                fields,
                new Downstream("http", "192.0.2.1", body, null));
    }

    UpstreamResponse get(OriginEndpoint... endpoints) {
        UpstreamResponse response =
                client.fetch(request("GET", null, endpoints)).block();
        assertThat(response).isNotNull();
        return response;
    }

    Mono<UpstreamResponse> fetch(Distribution distribution, String method) {
        return client.fetch(new UpstreamRequest(distribution, method, "h", "/", HeaderFields.EMPTY, Downstream.NONE));
    }

    static String text(@Nullable UpstreamResponse response) {
        assertThat(response).isNotNull();
        StringBuilder text = new StringBuilder();
        response.body()
                .doOnNext(buffer -> {
                    text.append(buffer.toString(StandardCharsets.UTF_8));
                    buffer.release();
                })
                .blockLast();
        return text.toString();
    }

    static OriginEndpoint nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return new OriginEndpoint(URI.create("http://127.0.0.1:" + socket.getLocalPort()));
        }
    }

    static Distribution distribution(@Nullable UpstreamSettings settings, OriginEndpoint... endpoints) {
        JsonMapper json = ControlJson.mapper();
        return json.readValue(
                "{\"id\": \"d\", \"origins\": " + json.writeValueAsString(endpoints) + ", \"upstream\": "
                        + json.writeValueAsString(settings) + "}",
                Distribution.class);
    }

    static OriginEndpoint backup(RawOrigin origin) {
        return new OriginEndpoint(origin.endpoint().url(), 1, true);
    }

    static void assertKind(ThrowingCallable call, Kind kind) {
        assertThatThrownBy(call).isInstanceOfSatisfying(UpstreamException.class, e -> assertThat(e.kind())
                .isEqualTo(kind));
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
        transport.close();
    }
}
