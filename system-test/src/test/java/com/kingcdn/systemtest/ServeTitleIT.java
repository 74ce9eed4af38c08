package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The main job: a name resolved, a title served. */
@ExtendWith(LocalCdnExtension.class)
class ServeTitleIT {

    private static final int CLIENTS = 12;

    private final LocalCdn cdn;

    ServeTitleIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void plainCurlWithOurDnsGetsTheTitle_firstFromTheOriginThenFromTheEdge() throws Exception {
        byte[] content = bytes(3_000_000);
        cdn.store("/served", content);
        double before = cdn.originRequests();

        Curl.Response first = Curl.get(cdn.contentByDns("/served"));
        assertThat(first.status()).as(first.error()).isEqualTo(200);
        assertThat(first.body()).isEqualTo(content);
        assertThat(first.field("cache-status")).contains("fwd=uri-miss").contains("stored");

        Curl.Response second = Curl.get(cdn.contentByDns("/served"));
        assertThat(second.body()).isEqualTo(content);
        assertThat(second.field("cache-status")).contains("hit").doesNotContain("fwd=");
        assertThat(second.field("age")).matches("\\d+");
        assertThat(second.field("via")).isNotEmpty();
        assertThat(cdn.originRequests() - before).isEqualTo(1);
    }

    @Test
    void theDemoTitleIsTheOriginsToTheByte() throws Exception {
        Curl.Response atOrigin = Curl.get(cdn.origin() + LocalCdn.TITLE);
        Curl.Response atEdge = Curl.get(cdn.contentByDns(LocalCdn.TITLE));
        assertThat(atEdge.body()).hasSizeGreaterThanOrEqualTo(20_000_000).isEqualTo(atOrigin.body());
    }

    @Test
    void manyClientsAtOnceMakeOneFetch() throws Exception {
        byte[] content = bytes(8_000_000);
        cdn.store("/wanted-by-many", content);
        double before = cdn.originRequests();
        List<Curl.Running> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(Curl.start(cdn.content("fra", "/wanted-by-many")));
        }
        for (Curl.Running client : clients) {
            Curl.Response response = client.await();
            assertThat(response.status()).as(response.error()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(content);
        }
        assertThat(cdn.originRequests() - before).isEqualTo(1);
    }

    @Test
    void anUnknownHostGetsNobodysContent_rfc9110Section15_5_20() throws Exception {
        Curl.Response response = Curl.get(cdn.content("fra", LocalCdn.TITLE, "-H", "Host: other.example"));
        assertThat(response.status()).isEqualTo(421);
        assertThat(response.field("content-type")).isEqualTo("application/problem+json");
        assertThat(response.text()).contains("does not serve that host");
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
