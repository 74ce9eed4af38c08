package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.TARGET;
import static com.kingcdn.edge.policy.Examples.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheKeyTest {

    private static Distribution distribution(String id, HostHeader hostHeader) {
        return new Distribution(
                id, List.of(), List.of(new OriginEndpoint(URI.create("http://origin.example"))), hostHeader);
    }

    @Test
    void holdsTheHostOnlyWhenTheOriginSeesIt() {
        assertThat(CacheKey.of(distribution("a1105", HostHeader.ORIGIN), get()))
                .isEqualTo(new CacheKey("a1105", null, TARGET));
        assertThat(CacheKey.of(distribution("a1105", HostHeader.CLIENT), get()))
                .isEqualTo(new CacheKey("a1105", "video.netcinema.example", TARGET));
    }

    @Test
    void isNeverSharedByDistributions() {
        assertThat(CacheKey.of(distribution("a1105", HostHeader.ORIGIN), get()))
                .isNotEqualTo(CacheKey.of(distribution("b2207", HostHeader.ORIGIN), get()));
    }

    @ParameterizedTest
    @CsvSource({"a.example, a.example", "a.example:8080, a.example", "[::1]:80, [::1]", "[::1], [::1]"})
    void theHostIsTheAuthorityWithoutItsPort(String authority, String host) {
        assertThat(new CacheRequest("GET", "http", authority, "/", HeaderFields.EMPTY).host())
                .isEqualTo(host);
    }

    /** Each of thirty thousand would be compared with all others, which takes minutes, if a table had nothing but the hash. */
    @Test
    @Timeout(30)
    void keysThatAreMadeToHaveTheSameHashAreFoundAllTheSame() {
        Map<CacheKey, Integer> table = new HashMap<>();
        for (int i = 0; i < 1 << 15; i++) {
            table.put(colliding(i), i);
        }
        assertThat(table.keySet().stream().mapToInt(CacheKey::hashCode).distinct())
                .hasSize(1);
        for (int i = 0; i < 1 << 15; i++) {
            assertThat(table.get(colliding(i))).isEqualTo(i);
        }
    }

    /** The strings Aa and BB have the same hash, and so have all that are made of them. */
    private static CacheKey colliding(int number) {
        StringBuilder target = new StringBuilder("/");
        for (int bit = 0; bit < 15; bit++) {
            target.append((number >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return new CacheKey("d", null, target.toString());
    }

    @Test
    void theOrderIsThatOfEquality() {
        List<CacheKey> keys = List.of(
                new CacheKey("d", null, "/1"),
                new CacheKey("e", null, "/1"),
                new CacheKey("d", "a.example", "/1"),
                new CacheKey("d", "b.example", "/1"),
                new CacheKey("d", null, "/2"));
        for (int i = 0; i < keys.size(); i++) {
            for (int j = 0; j < keys.size(); j++) {
                assertThat(Integer.signum(keys.get(i).compareTo(keys.get(j)))).isEqualTo(Integer.compare(i, j));
            }
        }
    }

    @Test
    void keepsWhatManyKeysHaveOnce() {
        CacheKey one = new CacheKey("d", String.copyValueOf("www.example".toCharArray()), "/1").shared();
        CacheKey other = new CacheKey("d", String.copyValueOf("www.example".toCharArray()), "/2");
        long digest = other.digest();
        assertThat(other.shared()).isEqualTo(other).hasSameHashCodeAs(other);
        assertThat(other.shared().digest()).isEqualTo(digest);
        assertThat(other.shared().host()).isSameAs(one.host());
        assertThat(new CacheKey("d", null, "/3").shared().host()).isNull();
    }
}
