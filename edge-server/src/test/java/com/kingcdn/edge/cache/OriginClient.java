package com.kingcdn.edge.cache;

import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamException;
import com.kingcdn.edge.upstream.UpstreamRequest;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpMethod;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/** The plainest upstream there can be: one origin, no retries. */
final class OriginClient implements Upstream {

    private final HttpClient client;

    OriginClient(int port) {
        client = HttpClient.create().host("127.0.0.1").port(port).disableRetry(true);
    }

    @Override
    public Mono<UpstreamResponse> fetch(UpstreamRequest request) {
        return client.headers(headers -> request.fields().forEach(headers::add))
                .request(HttpMethod.valueOf(request.method()))
                .uri(request.target())
                .send((out, outbound) -> request.downstream().body() == null
                        ? Mono.empty()
                        : outbound.send(request.downstream().body()).then())
                .responseConnection((response, connection) -> {
                    HeaderFields.Builder fields = HeaderFields.builder();
                    response.responseHeaders().forEach(field -> fields.add(field.getKey(), field.getValue()));
                    fields.remove("transfer-encoding").remove("connection");
                    Flux<ByteBuf> body = connection.inbound().receive().retain().onErrorMap(OriginClient::truncated);
                    return Mono.just(new UpstreamResponse(response.status().code(), fields.build(), body));
                })
                .onErrorMap(e -> new UpstreamException(UpstreamException.Kind.REFUSED, true, e.toString()))
                .next();
    }

    private static Throwable truncated(Throwable failure) {
        return new UpstreamException(UpstreamException.Kind.TRUNCATED, true, failure.toString());
    }
}
