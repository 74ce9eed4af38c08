package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** The cache in front of a real origin. */
class HttpCacheIT {

    private static final int MIB = 1 << 20;

    private final CacheSetup setup = new CacheSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    private byte[] publish(String path, int length) {
        byte[] content = Origin.content(length, path.hashCode());
        setup.origin.on(path, setup.origin.file(content, "\"" + path + "\"", "max-age=60"));
        return content;
    }

    @Test
    void aSecondRequestIsAHit() {
        byte[] content = publish("/title", 5 * MIB + 17);

        Received miss = setup.get("/title");
        Received hit = setup.get("/title");

        assertThat(miss.content()).isEqualTo(content);
        assertThat(miss.cacheStatus().stored()).isTrue();
        assertThat(miss.contentLength()).isEqualTo(content.length);
        assertThat(hit.content()).isEqualTo(content);
        assertThat(hit.cacheStatus().isHit()).isTrue();
        assertThat(setup.origin.requests()).containsExactly("GET /title");
    }

    @Test
    void aSmallObjectIsServedAsOneBuffer() {
        byte[] content = publish("/small", 1024);
        setup.get("/small");

        EdgeResponse hit = setup.cache.tryServe(CacheSetup.request("GET", "/small"), setup.distribution());

        assertThat(hit).isNotNull();
        assertThat(hit.body()).isInstanceOf(EdgeResponse.Whole.class);
        assertThat(Received.of(hit).content()).isEqualTo(content);
    }

    @Test
    void concurrentRequestsMakeOneFetch() {
        byte[] content = publish("/title", 3 * MIB);

        List<Received> all = Flux.range(0, 50)
                .flatMap(
                        i -> Flux.defer(() -> Flux.just(setup.get("/title"))).subscribeOn(Schedulers.boundedElastic()),
                        50)
                .collectList()
                .block();

        assertThat(all).hasSize(50).allSatisfy(each -> assertThat(each.content())
                .isEqualTo(content));
        assertThat(setup.origin.requests()).containsExactly("GET /title");
    }
}
