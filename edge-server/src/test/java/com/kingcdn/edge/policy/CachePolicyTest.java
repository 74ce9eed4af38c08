package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.NOW;
import static com.kingcdn.edge.policy.Examples.date;
import static com.kingcdn.edge.policy.Examples.get;
import static com.kingcdn.edge.policy.Examples.in;
import static com.kingcdn.edge.policy.Examples.request;
import static com.kingcdn.edge.policy.Examples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheDecision.Fetch;
import com.kingcdn.edge.policy.CacheDecision.GatewayTimeout;
import com.kingcdn.edge.policy.CacheDecision.Pass;
import com.kingcdn.edge.policy.CacheDecision.Revalidate;
import com.kingcdn.edge.policy.CacheDecision.Serve;
import com.kingcdn.edge.policy.CacheDecision.Use;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9111 section 4. */
class CachePolicyTest {

    private static final StoredResponse MINUTE = stored("Cache-Control", "max-age=60", "ETag", "\"v1\"");

    private static CacheDecision decide(CacheRequest request, StoredResponse stored, double seconds) {
        return CachePolicy.decide(request, Lookup.found(stored), in(seconds));
    }

    private static CacheDecision decide(StoredResponse stored, double seconds) {
        return decide(get(), stored, seconds);
    }

    @Test
    void whatIsFreshIsServedWithItsAge() {
        assertThat(decide(MINUTE, 12.5)).isEqualTo(new Serve(Use.FRESH, 12, 47));
        assertThat(decide(request("HEAD"), MINUTE, 12.5)).isEqualTo(new Serve(Use.FRESH, 12, 47));
        assertThat(decide(stored("Cache-Control", "max-age=60", "Age", "50"), 5))
                .isEqualTo(new Serve(Use.FRESH, 55, 5));
    }

    @Test
    void whatIsStaleIsValidated() {
        assertThat(decide(MINUTE, 60)).isEqualTo(new Revalidate(ForwardReason.STALE));
        assertThat(decide(stored("Cache-Control", "max-age=3600", "Age", "7200"), 0))
                .isEqualTo(new Revalidate(ForwardReason.STALE));
        assertThat(decide(request("HEAD"), MINUTE, 60)).isEqualTo(new Pass(ForwardReason.STALE));
    }

    @Test
    void whatIsNotStoredIsFetched() {
        assertThat(CachePolicy.decide(get(), Lookup.URI_MISS, NOW)).isEqualTo(new Fetch(ForwardReason.URI_MISS));
        assertThat(CachePolicy.decide(get(), Lookup.VARY_MISS, NOW)).isEqualTo(new Fetch(ForwardReason.VARY_MISS));
        assertThat(CachePolicy.decide(request("HEAD"), Lookup.URI_MISS, NOW))
                .isEqualTo(new Pass(ForwardReason.URI_MISS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "M-SEARCH", "get"})
    void otherMethodsGoUpstream(String method) {
        assertThat(decide(request(method), MINUTE, 0)).isEqualTo(new Pass(ForwardReason.METHOD));
    }

    /** RFC 9110 section 9.3.1: an origin may heed content that the key does not hold. */
    @Test
    void aGetWithContentBypassesTheCache() {
        assertThat(decide(get("Content-Length", "5"), MINUTE, 0)).isEqualTo(new Pass(ForwardReason.BYPASS));
        assertThat(decide(get("Transfer-Encoding", "chunked"), MINUTE, 0)).isEqualTo(new Pass(ForwardReason.BYPASS));
        assertThat(decide(get("Content-Length", "0"), MINUTE, 0)).isInstanceOf(Serve.class);
    }

    @Test
    void noCacheIsValidatedHoweverFresh() {
        StoredResponse response = stored("Cache-Control", "max-age=60, no-cache", "ETag", "\"v1\"");
        assertThat(decide(response, 0)).isEqualTo(new Revalidate(ForwardReason.STALE));
    }

    @Test
    void whatMayHaveBeenPurgedIsValidatedHoweverFresh() {
        assertThat(CachePolicy.decide(get(), Lookup.unconfirmed(MINUTE), NOW))
                .isEqualTo(new Revalidate(ForwardReason.STALE));
        assertThat(CachePolicy.decide(get("Cache-Control", "only-if-cached"), Lookup.unconfirmed(MINUTE), NOW))
                .isInstanceOf(GatewayTimeout.class);
    }

    /** Section 4.3.2: a 412 is the origin's to send. */
    @Test
    void ifMatchGoesUpstreamUnlessItHoldsHere() {
        assertThat(decide(get("If-Match", "\"v1\""), MINUTE, 0)).isInstanceOf(Serve.class);
        assertThat(decide(get("If-Match", "\"v2\""), MINUTE, 0)).isEqualTo(new Pass(ForwardReason.REQUEST));
        StoredResponse dated = stored("Cache-Control", "max-age=60", "Last-Modified", date(-100));
        assertThat(decide(get("If-Unmodified-Since", date(-50)), dated, 0)).isInstanceOf(Serve.class);
        assertThat(decide(get("If-Unmodified-Since", date(-150)), dated, 0)).isEqualTo(new Pass(ForwardReason.REQUEST));
    }

    /** Section 5.2.1. */
    @Nested
    class RequestDirectives {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "no-cache | 0 | false",
                    "max-age=10 | 10 | true",
                    "max-age=10 | 11 | false",
                    "max-age=0 | 0.5 | true",
                    "max-age=0 | 1 | false",
                    "min-fresh=30 | 30 | true",
                    "min-fresh=30 | 31 | false",
                    "max-stale=10 | 69 | true",
                    "max-stale=10 | 71 | false",
                    "max-stale | 100000 | true",
                    "max-age=10, max-stale=100 | 50 | false",
                    "max-age=100, max-stale=100 | 90 | true",
                    "nothing-to-see-here | 10 | true"
                })
        void narrowOrWidenWhatIsServed(String directives, double seconds, boolean served) {
            CacheDecision decision = decide(get("Cache-Control", directives), MINUTE, seconds);
            if (served) {
                assertThat(decision).isInstanceOf(Serve.class);
            } else {
                ForwardReason reason = seconds < 60 ? ForwardReason.REQUEST : ForwardReason.STALE;
                assertThat(decision).isEqualTo(new Revalidate(reason));
            }
        }

        @Test
        void staleByTheClientsLeaveIsSaid() {
            assertThat(decide(get("Cache-Control", "max-stale=10"), MINUTE, 65))
                    .isEqualTo(new Serve(Use.STALE_ALLOWED, 65, -5));
        }

        @ParameterizedTest
        @ValueSource(strings = {"must-revalidate", "proxy-revalidate", "s-maxage=60", "no-cache"})
        void maxStaleDoesNotOverruleTheOrigin(String directive) {
            StoredResponse strict = stored("Cache-Control", "max-age=60, " + directive, "ETag", "\"v1\"");
            assertThat(decide(get("Cache-Control", "max-stale"), strict, 65))
                    .isEqualTo(new Revalidate(ForwardReason.STALE));
        }

        @Test
        void pragmaNoCacheIsNoCache() {
            assertThat(decide(get("Pragma", "no-cache"), MINUTE, 0)).isEqualTo(new Revalidate(ForwardReason.REQUEST));
            assertThat(decide(get("Pragma", "foo"), MINUTE, 0)).isInstanceOf(Serve.class);
        }

        @Test
        void noStoreGoesUpstreamByItself() {
            assertThat(decide(get("Cache-Control", "no-store"), MINUTE, 0)).isEqualTo(new Pass(ForwardReason.REQUEST));
            assertThat(CachePolicy.decide(get("Cache-Control", "no-store"), Lookup.URI_MISS, NOW))
                    .isEqualTo(new Pass(ForwardReason.URI_MISS));
        }

        @Test
        void onlyIfCachedNeverGoesUpstream() {
            CacheRequest request = get("Cache-Control", "only-if-cached");
            assertThat(CachePolicy.decide(request, Lookup.URI_MISS, NOW)).isInstanceOf(GatewayTimeout.class);
            assertThat(decide(request, MINUTE, 60)).isInstanceOf(GatewayTimeout.class);
            assertThat(decide(request, MINUTE, 0)).isInstanceOf(Serve.class);
        }
    }

    /** Section 4.2.4 and RFC 5861. */
    @Nested
    class Stale {

        private final StoredResponse window =
                stored("Cache-Control", "max-age=10, stale-while-revalidate=5, stale-if-error=100");

        @Test
        void isServedWhileItIsRevalidatedWithinTheWindow() {
            assertThat(decide(window, 14.9)).isEqualTo(new Serve(Use.STALE_WHILE_REVALIDATE, 14, -5));
            assertThat(decide(window, 15)).isEqualTo(new Revalidate(ForwardReason.STALE));
            assertThat(decide(get("Cache-Control", "max-age=20"), window, 12))
                    .isEqualTo(new Revalidate(ForwardReason.STALE));
        }

        @ParameterizedTest
        @ValueSource(strings = {"must-revalidate", "proxy-revalidate", "s-maxage=10", "no-cache"})
        void isNeverServedAgainstTheOriginsWord(String directive) {
            StoredResponse strict = stored(
                    "Cache-Control",
                    "max-age=10, stale-while-revalidate=50, stale-if-error=50, " + directive,
                    "ETag",
                    "\"v1\"");
            assertThat(decide(strict, 12)).isEqualTo(new Revalidate(ForwardReason.STALE));
            assertThat(mayServe(strict, CachePolicy.NO_RESPONSE, 12)).isFalse();
        }

        @Test
        void standsInForAnUpstreamThatFails() {
            for (int status : new int[] {CachePolicy.NO_RESPONSE, 500, 502, 503, 504}) {
                assertThat(mayServe(window, status, 109)).isTrue();
                assertThat(mayServe(window, status, 110)).isFalse();
            }
            assertThat(mayServe(window, 404, 12)).isFalse();
            assertThat(mayServe(window, 501, 12)).isFalse();
        }

        @Test
        void standsInForADayWhenNothingIsSaid() {
            assertThat(mayServe(MINUTE, CachePolicy.NO_RESPONSE, 60 + 86_399)).isTrue();
            assertThat(mayServe(MINUTE, CachePolicy.NO_RESPONSE, 60 + 86_400)).isFalse();
            StoredResponse never = stored("Cache-Control", "max-age=60, stale-if-error=0");
            assertThat(mayServe(never, 503, 61)).isFalse();
        }

        @Test
        void neverStandsInWhenItMayHaveBeenPurged() {
            assertThat(CachePolicy.mayServeOnError(Lookup.unconfirmed(MINUTE), 503, CacheRules.STANDARD, NOW))
                    .isFalse();
            assertThat(CachePolicy.mayServeOnError(Lookup.URI_MISS, 503, CacheRules.STANDARD, NOW))
                    .isFalse();
        }

        private boolean mayServe(StoredResponse stored, int status, double seconds) {
            return CachePolicy.mayServeOnError(Lookup.found(stored), status, CacheRules.STANDARD, in(seconds));
        }
    }
}
