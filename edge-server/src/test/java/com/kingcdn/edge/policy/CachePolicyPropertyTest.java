package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.NOW;
import static com.kingcdn.edge.policy.Examples.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheControl.Flag;
import com.kingcdn.edge.policy.CacheDecision.Serve;
import com.kingcdn.edge.policy.CacheDecision.Use;
import com.kingcdn.edge.policy.StoreDecision.Store;
import com.kingcdn.http.HeaderFields;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** What holds whatever the directives are. */
class CachePolicyPropertyTest {

    @Provide
    Arbitrary<String> responseDirectives() {
        return list(
                "max-age=0",
                "max-age=100",
                "s-maxage=50",
                "no-cache",
                "no-store",
                "private",
                "public",
                "must-revalidate",
                "proxy-revalidate",
                "must-understand",
                "stale-while-revalidate=30",
                "stale-if-error=30",
                "no-cache=\"a\"",
                "x=1");
    }

    @Provide
    Arbitrary<String> requestDirectives() {
        return list(
                "max-age=20",
                "min-fresh=20",
                "max-stale=20",
                "max-stale",
                "no-cache",
                "no-store",
                "only-if-cached",
                "x");
    }

    private static Arbitrary<String> list(String... directives) {
        return Arbitraries.of(directives).list().ofMaxSize(5).map(parts -> String.join(", ", parts));
    }

    @Property
    void nothingIsServedAgainstTheOriginsWord(
            @ForAll @From("responseDirectives") String response,
            @ForAll @From("requestDirectives") String request,
            @ForAll boolean tagged,
            @ForAll @LongRange(max = 400) long seconds) {
        HeaderFields fields = tagged
                ? HeaderFields.of("Cache-Control", response, "ETag", "\"v\"")
                : HeaderFields.of("Cache-Control", response);
        CacheControl control = CacheControl.ofResponse(fields);
        StoreDecision decision = Storability.decide(get(), 200, fields, CacheRules.STANDARD, NOW, NOW);
        if (control.has(Flag.PRIVATE) || (control.has(Flag.NO_STORE) && !control.has(Flag.MUST_UNDERSTAND))) {
            assertThat(decision).isInstanceOf(StoreDecision.Refuse.class);
        }
        if (!(decision instanceof Store store)) {
            return;
        }
        CacheRequest asked = get("Cache-Control", request);
        CacheDecision use = CachePolicy.decide(asked, Lookup.found(store.response()), NOW + seconds * 1000);
        if (use instanceof Serve serve) {
            assertThat(control.has(Flag.NO_CACHE)).isFalse();
            assertThat(serve.use() == Use.FRESH)
                    .isEqualTo(serve.ttlSeconds() >= 0 && serve.ageSeconds() < lifetime(store));
            if (serve.use() != Use.FRESH) {
                assertThat(store.response().forbidsStale()).isFalse();
            }
        }
        assertThat(CachePolicy.decide(asked, Lookup.unconfirmed(store.response()), NOW))
                .isNotInstanceOf(Serve.class);
    }

    private static long lifetime(Store store) {
        return store.response().freshness().lifetimeSeconds();
    }

    @Property
    void whatTheDiskKeepsMeansTheSame(
            @ForAll @From("responseDirectives") String response, @ForAll @LongRange(max = 400) long seconds) {
        HeaderFields fields = HeaderFields.of("Cache-Control", response, "ETag", "\"v\"", "Vary", "Foo");
        if (Storability.decide(get("Foo", "1"), 200, fields, CacheRules.STANDARD, NOW - 7, NOW)
                instanceof Store store) {
            StoredResponse one = store.response();
            StoredResponse two = StoredResponse.of(
                    one.status(),
                    one.fields(),
                    new Variant(one.variant().names(), one.variant().values()),
                    one.requestTimeMillis(),
                    one.responseTimeMillis());
            long now = NOW + seconds * 1000;
            for (CacheRequest request : List.of(get("Foo", "1"), get("Cache-Control", "max-stale=9"))) {
                assertThat(two.answers(request)).isEqualTo(one.answers(request));
                assertThat(CachePolicy.decide(request, Lookup.found(two), now))
                        .isEqualTo(CachePolicy.decide(request, Lookup.found(one), now));
            }
        }
    }
}
