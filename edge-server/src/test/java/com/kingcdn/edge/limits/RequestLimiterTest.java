package com.kingcdn.edge.limits;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ControlJson;
import com.kingcdn.edge.limits.Admission.Denied;
import com.kingcdn.edge.limits.Admission.Granted;
import com.kingcdn.topology.Distribution;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class RequestLimiterTest {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(-5 * SECOND);

    private RequestLimiter limiter(LimitProperties settings) {
        return new RequestLimiter(settings, now::get);
    }

    private static Distribution distribution(String id, String limits) {
        return ControlJson.mapper()
                .readValue(
                        "{\"id\":\"" + id + "\",\"origins\":[{\"url\":\"http://o.example\"}]"
                                + (limits.isEmpty() ? "" : ",\"limits\":" + limits) + "}",
                        Distribution.class);
    }

    private static InetAddress client(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void countsNothingWhereThereIsNoLimit() {
        RequestLimiter limiter = limiter(LimitProperties.defaults());
        Distribution free = distribution("free", "");
        assertThat(limiter.limits(free)).isFalse();
        assertThat(limiter.admit(free, client("192.0.2.1"))).isInstanceOf(Granted.class);
    }

    @Test
    void aRateIsOfAClientPrefix() {
        RequestLimiter limiter = limiter(LimitProperties.defaults());
        Distribution d = distribution("a", "{\"perClient\":{\"requestsPerSecond\":2,\"burst\":3}}");
        assertThat(limiter.limits(d)).isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.admit(d, client("192.0.2." + i))).isInstanceOf(Granted.class);
        }
        assertThat(limiter.admit(d, client("192.0.2.99"))).isEqualTo(new Denied(LimitReason.CLIENT_RATE, 1));
        assertThat(limiter.admit(d, client("192.0.3.1"))).isInstanceOf(Granted.class);
        assertThat(limiter.admit(distribution("b", "{\"perClient\":{\"requestsPerSecond\":2}}"), client("192.0.2.1")))
                .as("another distribution has its own count")
                .isInstanceOf(Granted.class);
        now.addAndGet(SECOND / 2);
        assertThat(limiter.admit(d, client("192.0.2.1"))).isInstanceOf(Granted.class);
        assertThat(limiter.admit(d, client("192.0.2.1"))).isInstanceOf(Denied.class);
    }

    @Test
    void ipv6ClientsCountByTheir56() {
        RequestLimiter limiter = limiter(LimitProperties.defaults());
        Distribution d = distribution("a", "{\"perClient\":{\"requestsPerSecond\":1}}");
        assertThat(limiter.admit(d, client("2001:db8:0:1::1"))).isInstanceOf(Granted.class);
        assertThat(limiter.admit(d, client("2001:db8:0:ff::2"))).isInstanceOf(Denied.class);
        assertThat(limiter.admit(d, client("2001:db8:0:100::1"))).isInstanceOf(Granted.class);
    }

    @Test
    void retryAfterIsWhenATokenIsThere() {
        RequestLimiter limiter = limiter(new LimitProperties(1, 1, 0, 10, 10, DataSize.ofMegabytes(1)));
        Distribution d = distribution("a", "{\"total\":{\"requestsPerSecond\":1}}");
        assertThat(limiter.admit(d, client("192.0.2.1"))).isInstanceOf(Granted.class);
        assertThat(limiter.admit(d, client("192.0.2.1"))).isEqualTo(new Denied(LimitReason.CLIENT_RATE, 1));
        assertThat(limiter.admit(d, client("192.0.3.1"))).isEqualTo(new Denied(LimitReason.DISTRIBUTION_RATE, 1));
    }

    @Test
    void placesComeBackOnceTheResponseIsOver() {
        RequestLimiter limiter = limiter(LimitProperties.defaults());
        Distribution d =
                distribution("a", "{\"total\":{\"concurrentRequests\":2},\"perClient\":{\"concurrentRequests\":1}}");
        Admission first = limiter.admit(d, client("192.0.2.1"));
        assertThat(limiter.admit(d, client("192.0.2.2"))).isEqualTo(new Denied(LimitReason.CLIENT_CONCURRENCY, 1));
        Admission second = limiter.admit(d, client("192.0.3.1"));
        assertThat(limiter.admit(d, client("192.0.4.1")))
                .isEqualTo(new Denied(LimitReason.DISTRIBUTION_CONCURRENCY, 1));
        ((Granted) second).run();
        assertThat(limiter.admit(d, client("192.0.4.1")))
                .as("what was denied holds no place")
                .isInstanceOf(Granted.class);
        ((Granted) first).run();
        assertThat(limiter.admit(d, client("192.0.2.1"))).isInstanceOf(Granted.class);
    }

    /** Who has no tokens must not use up the distribution's. */
    @Test
    void aClientAboveItsRateCostsOthersNothing() {
        RequestLimiter limiter = limiter(LimitProperties.defaults());
        Distribution d =
                distribution("a", "{\"total\":{\"requestsPerSecond\":5},\"perClient\":{\"requestsPerSecond\":1}}");
        for (int i = 0; i < 100; i++) {
            limiter.admit(d, client("192.0.2.1"));
        }
        for (int i = 3; i < 7; i++) {
            assertThat(limiter.admit(d, client("192.0." + i + ".1"))).isInstanceOf(Granted.class);
        }
        assertThat(limiter.admit(d, client("192.0.9.1"))).isEqualTo(new Denied(LimitReason.DISTRIBUTION_RATE, 1));
    }

    @Test
    void workIsShedAboveTheNumberAndBelowTheReserve() {
        AtomicLong free = new AtomicLong(2 << 20);
        LoadShedder shedder = new LoadShedder(new LimitProperties(0, 0, 0, 1, 1, DataSize.ofMegabytes(1)), free::get);
        Admission only = shedder.admit();
        assertThat(shedder.admit()).isEqualTo(new Denied(LimitReason.EDGE_REQUESTS, 1));
        ((Granted) only).run();
        free.set(1000);
        assertThat(shedder.admit()).isEqualTo(new Denied(LimitReason.EDGE_MEMORY, 1));
        assertThat(shedder.underWay()).isZero();
        free.set(2 << 20);
        assertThat(shedder.admit()).isInstanceOf(Granted.class);
    }
}
