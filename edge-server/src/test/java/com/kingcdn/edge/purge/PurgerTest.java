package com.kingcdn.edge.purge;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Ruled;
import com.kingcdn.edge.store.PurgeScope;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginEndpoint;
import com.kingcdn.topology.QuerySettings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class PurgerTest {

    private final DistributionTable table = DistributionTable.empty();
    private final Touched entries = new Touched();
    private final Purger purger = new Purger(table, entries);

    @BeforeEach
    void configure() {
        table.replace(new ConfigSnapshot(
                1,
                "kingcdn.example",
                List.of(
                        distribution("a1105", HostHeader.ORIGIN, "video.netcinema.example"),
                        distribution("c3", HostHeader.CLIENT, "one.client.example", "two.client.example")),
                List.of()));
    }

    /** What a distribution's rules make of a query they make of a purged URL too. */
    @Test
    void aPurgedUrlIsRuledAsARequestIs() {
        QuerySettings query = new QuerySettings(QuerySettings.Mode.DENY, List.of("utm_*"), true);
        table.replace(new ConfigSnapshot(
                2,
                "kingcdn.example",
                List.of(Ruled.with(distribution("a1105", HostHeader.ORIGIN, "video.netcinema.example"), query)),
                List.of()));

        purger.purge(urls(PurgeMode.HARD, "http://video.netcinema.example/x?b=1&utm_id=2&a=3"));

        assertThat(entries.removed).containsExactly(new CacheKey("a1105", null, "/x?a=3&b=1"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://video.netcinema.example/6Y7B23V, /6Y7B23V",
        "HTTPS://Video.NetCinema.Example.:8443/6Y7B23V?a=b%2Fc&a#part, /6Y7B23V?a=b%2Fc&a",
        "http://a1105.kingcdn.example/x, /x",
        "http://user:secret@video.netcinema.example/x, /x",
        "http://video.netcinema.example, /",
        "http://video.netcinema.example?q=/, /?q=/",
        "http://video.netcinema.example/größe 1, /gr%C3%B6%C3%9Fe%201",
        "http://video.netcinema.example//a/./b, //a/./b"
    })
    void removesWhatRequestsForTheUrlHaveStored(String url, String target) {
        assertThat(purger.purge(urls(PurgeMode.HARD, url))).isEqualTo(1);
        assertThat(entries.removed).containsExactly(new CacheKey("a1105", null, target));
        assertThat(entries.marked).isEmpty();
    }

    @Test
    void aSoftPurgeMarks() {
        assertThat(purger.purge(
                        urls(PurgeMode.SOFT, "http://video.netcinema.example/x", "http://a1105.kingcdn.example/y")))
                .isEqualTo(2);
        assertThat(entries.marked)
                .containsExactly(new CacheKey("a1105", null, "/x"), new CacheKey("a1105", null, "/y"));
        assertThat(entries.removed).isEmpty();
    }

    @Test
    void whereTheOriginSeesTheClientsHost_onlyThatHostsEntriesGo() {
        purger.purge(urls(PurgeMode.HARD, "http://one.client.example:8080/x"));
        assertThat(entries.removed)
                .containsExactly(
                        new CacheKey("c3", "one.client.example", "/x"),
                        new CacheKey("c3", "one.client.example.", "/x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://other.example/x",
                "ftp://video.netcinema.example/x",
                "/x",
                "",
                "http://",
                "http:///x",
                "http://[::1"
            })
    void urlsOfNobodyServedHereNameNothing(String url) {
        assertThat(purger.purge(urls(PurgeMode.HARD, url))).isZero();
        assertThat(entries.removed).isEmpty();
    }

    @Test
    void whatIsNoSingleUrlNamesScopes() {
        assertThat(purger.purge(new PurgeRequest(
                        null,
                        List.of(
                                "http://video.netcinema.example/a/b/",
                                "http://Two.Client.Example./",
                                "http://nobody.example/x"),
                        List.of("title-1"),
                        List.of("One.client.example", "a1105.kingcdn.example", "nobody.example"),
                        null,
                        PurgeMode.HARD)))
                .isZero();
        assertThat(entries.removedScopes)
                .containsExactly(
                        PurgeScope.prefix("a1105", null, "/a/b"),
                        PurgeScope.host("c3", "two.client.example"),
                        PurgeScope.host("c3", "one.client.example"),
                        PurgeScope.distribution("a1105"),
                        PurgeScope.tag(null, "title-1"));
        assertThat(entries.markedScopes).isEmpty();
    }

    @Test
    void distributionsSayWhereTagsCount_orAreMeantThemselves() {
        purger.purge(new PurgeRequest(null, null, List.of("x"), null, List.of("a1105", "c3"), PurgeMode.SOFT));
        purger.purge(new PurgeRequest(null, null, null, null, List.of("c3"), PurgeMode.SOFT));
        assertThat(entries.markedScopes)
                .containsExactly(
                        PurgeScope.tag("a1105", "x"), PurgeScope.tag("c3", "x"), PurgeScope.distribution("c3"));
        assertThat(entries.removedScopes).isEmpty();
    }

    @Test
    void aDiskThatFailsIsTold() {
        assertThat(purger.sync()).isTrue();
        entries.sync = CompletableFuture.failedFuture(new IllegalStateException("no space"));
        assertThat(purger.sync()).isFalse();
    }

    private static PurgeRequest urls(PurgeMode mode, String... urls) {
        return PurgeRequest.ofUrls(mode, List.of(urls));
    }

    private static Distribution distribution(String id, HostHeader hostHeader, String... hosts) {
        return new Distribution(
                id, List.of(hosts), List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600"))), hostHeader);
    }

    /** Has one entry for whatever is asked. */
    private static final class Touched implements StoredEntries {

        final List<CacheKey> removed = new ArrayList<>();
        final List<CacheKey> marked = new ArrayList<>();
        final List<PurgeScope> removedScopes = new ArrayList<>();
        final List<PurgeScope> markedScopes = new ArrayList<>();
        CompletionStage<@Nullable Void> sync = CompletableFuture.completedFuture(null);

        @Override
        public int remove(CacheKey key) {
            removed.add(key);
            return 1;
        }

        @Override
        public int markStale(CacheKey key) {
            marked.add(key);
            return 1;
        }

        @Override
        public void remove(PurgeScope scope) {
            removedScopes.add(scope);
        }

        @Override
        public void markStale(PurgeScope scope) {
            markedScopes.add(scope);
        }

        @Override
        public CompletionStage<?> sync() {
            return sync;
        }
    }
}
