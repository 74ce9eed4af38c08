package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.DiskTierSettings;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.ForwardedFields;
import com.kingcdn.edge.upstream.ForwardedStyle;
import com.kingcdn.edge.upstream.PeerSeal;
import com.kingcdn.edge.upstream.TierTable;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Which requests may take the short way: those alone for which nothing but the stored response matters. */
class EdgeHandlerTest {

    private static final String NODE = "nyc-1";
    private static final Distribution DISTRIBUTION = new Distribution(
            "a1105", List.of("a.example"), List.of(new OriginEndpoint(URI.create("http://127.0.0.1"))), null);

    private boolean broken;

    private final CacheStore store =
            CacheStore.open(DataSize.ofMegabytes(16), DiskTierSettings.of(null, DataSize.ofMegabytes(16)));
    private final HttpCache cache = new HttpCache(
            store,
            request -> Mono.just(new UpstreamResponse(
                    200,
                    HeaderFields.of("content-length", "3", "cache-control", "max-age=600"),
                    Flux.just(Unpooled.copiedBuffer(new byte[3])))),
            (validatedAt, now) -> {
                if (broken) {
                    throw new IllegalStateException("as a bug would");
                }
                return true;
            },
            Clock.systemUTC());

    @AfterEach
    void close() {
        store.close();
    }

    private EdgeHandler handler() {
        DistributionTable distributions = DistributionTable.empty();
        distributions.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(DISTRIBUTION), List.of()));
        ContentServer.Limits limits = ContentServer.Limits.of(LimitProperties.defaults());
        ContentServer.Services services = new ContentServer.Services(
                NODE,
                cache,
                distributions,
                new ForwardedFields(NODE, ForwardedStyle.NONE),
                TierTable.alone(NODE),
                limits,
                Clock.systemUTC());
        return new EdgeHandler(services, new RequestGate(limits), new ResponseWriter(NODE), 0, null);
    }

    private static CacheRequest request(String host, String... fields) {
        return new CacheRequest("GET", "http", host, "/x", HeaderFields.of(fields));
    }

    @Test
    void requestsThatNeedMoreThanTheStoredResponseTakeTheLongerWay() {
        EdgeHandler handler = handler();
        assertThat(handler.look(request("a.example"), null).inOnePiece())
                .as("nothing is stored")
                .isNull();
        EdgeResponse miss = Objects.requireNonNull(cache.handle(request("a.example"), DISTRIBUTION, Downstream.NONE)
                .block());
        if (miss.body() instanceof EdgeResponse.Streamed streamed) {
            streamed.content().doOnNext(ByteBuf::release).blockLast();
        } else {
            miss.close();
        }
        EdgeResponse hit = handler.look(request("a.example"), null).inOnePiece();
        assertThat(hit).isNotNull();
        hit.close();
        broken = true;
        assertThat(handler.look(request("a.example"), null).inOnePiece())
                .as("what fails, fails where it is answered")
                .isNull();
        broken = false;
        assertThat(handler.look(request("b.example"), null).inOnePiece())
                .as("nobody's host")
                .isNull();
        assertThat(handler.look(request("a.example", "cdn-loop", NODE), null).inOnePiece())
                .as("a loop (RFC 8586)")
                .isNull();
        assertThat(handler.look(request("a.example", PeerSeal.FIELD, "anything"), null)
                        .inOnePiece())
                .as("another edge, which may know of purges that this one does not")
                .isNull();
    }
}
