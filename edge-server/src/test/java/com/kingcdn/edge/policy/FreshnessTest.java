package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.NOW;
import static com.kingcdn.edge.policy.Examples.date;
import static com.kingcdn.edge.policy.Examples.in;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** RFC 9111 section 4.2. */
class FreshnessTest {

    private static final long DAY = 86_400;

    private static Freshness of(String... fields) {
        HeaderFields section = HeaderFields.of(fields);
        return Freshness.of(section, CacheControl.ofResponse(section), CacheRules.STANDARD, true, NOW, NOW);
    }

    /** Section 4.2.1. */
    @Example
    void sharedMaxAgeComesBeforeMaxAgeBeforeExpires() {
        String expires = date(100);
        assertThat(of("Cache-Control", "s-maxage=1, max-age=10", "Expires", expires)
                        .lifetimeSeconds())
                .isEqualTo(1);
        assertThat(of("Cache-Control", "max-age=10", "Expires", expires).lifetimeSeconds())
                .isEqualTo(10);
        assertThat(of("Expires", expires).lifetimeSeconds()).isEqualTo(100);
        assertThat(of("CDN-Cache-Control", "max-age=5", "Cache-Control", "s-maxage=1", "Expires", expires)
                        .lifetimeSeconds())
                .isEqualTo(5);
        assertThat(of("CDN-Cache-Control", "public", "Cache-Control", "max-age=1", "Expires", expires)
                        .explicit())
                .isFalse();
    }

    /** Section 5.3. */
    @Example
    void expiresCountsFromDateAndWhatIsNoDateHasExpired() {
        assertThat(of("Expires", date(300), "Date", date(400)).lifetimeSeconds())
                .isZero();
        assertThat(of("Expires", date(10), "Date", date(-10)).lifetimeSeconds()).isEqualTo(20);
        assertThat(of("Expires", date(10), "Date", "foo").lifetimeSeconds()).isEqualTo(10);
        assertThat(of("Expires", "0")).satisfies(freshness -> {
            assertThat(freshness.explicit()).isTrue();
            assertThat(freshness.lifetimeSeconds()).isZero();
        });
        assertThat(of("Expires", date(10), "Expires", date(20)).lifetimeSeconds())
                .isZero();
    }

    /** Section 4.2.2. */
    @Example
    void aTenthOfTheTimeSinceModificationIsGuessedUpToADay() {
        assertThat(of("Last-Modified", date(-1000)).lifetimeSeconds()).isEqualTo(100);
        assertThat(of("Last-Modified", date(-1000)).explicit()).isFalse();
        assertThat(of("Last-Modified", date(-100 * DAY)).lifetimeSeconds()).isEqualTo(DAY);
        assertThat(of("Last-Modified", date(10)).lifetimeSeconds()).isZero();
        assertThat(of("Last-Modified", "never").lifetimeSeconds()).isZero();
        HeaderFields modified = HeaderFields.of("Last-Modified", date(-1000));
        assertThat(Freshness.of(modified, CacheControl.NONE, CacheRules.STANDARD, false, NOW, NOW)
                        .lifetimeSeconds())
                .isZero();
    }

    /** Section 4.2.3. */
    @Example
    void ageIsTheLargestOfWhatIsKnown() {
        assertThat(of("Age", "30").ageSeconds(in(2))).isEqualTo(32);
        assertThat(of("Date", date(-50), "Age", "30").ageSeconds(in(2))).isEqualTo(52);
        assertThat(of("Date", date(50), "Age", "30").ageSeconds(in(2))).isEqualTo(32);
        HeaderFields aged = HeaderFields.of("Age", "30");
        assertThat(Freshness.of(aged, CacheControl.NONE, CacheRules.STANDARD, false, in(-4), NOW)
                        .ageSeconds(in(2)))
                .as("the time the request took counts")
                .isEqualTo(36);
    }

    /** Section 5.1. */
    @Example
    void ofSeveralAgesTheFirstCountsAndWhatIsNoneIsIgnored() {
        assertThat(of("Age", "7200, 0").ageSeconds(NOW)).isEqualTo(7200);
        assertThat(of("Age", "0, 7200").ageSeconds(NOW)).isZero();
        assertThat(of("Age", "0", "Age", "7200").ageSeconds(NOW)).isZero();
        assertThat(of("Age", "abc").ageSeconds(NOW)).isZero();
        assertThat(of("Age", "-7200").ageSeconds(NOW)).isZero();
        assertThat(of("Age", "7200.0").ageSeconds(NOW)).isZero();
        assertThat(of("Age", "99999999999999999999").ageSeconds(NOW)).isEqualTo(1L << 31);
    }

    @Example
    void aResponseOfThisVerySecondIsNew() {
        HeaderFields fields = HeaderFields.of("Date", date(0), "Cache-Control", "max-age=1");
        Freshness late =
                Freshness.of(fields, CacheControl.ofResponse(fields), CacheRules.STANDARD, false, in(0.98), in(0.98));
        assertThat(late.isFresh(in(1.9))).isTrue();
        assertThat(late.isFresh(in(1.98))).isFalse();
    }

    @Example
    void endsExactlyWithItsLifetime() {
        Freshness freshness = of("Cache-Control", "max-age=10");
        assertThat(freshness.isFresh(in(9.999))).isTrue();
        assertThat(freshness.ttlSeconds(in(9.999))).isZero();
        assertThat(freshness.isFresh(in(10))).isFalse();
        assertThat(freshness.ttlSeconds(in(10))).isZero();
        assertThat(freshness.ttlSeconds(in(12))).isEqualTo(-2);
    }

    @Property
    void nothingOverflowsAndTimeMakesNothingYounger(
            @ForAll @LongRange(min = 0) long age,
            @ForAll @LongRange(min = 0) long maxAge,
            @ForAll @LongRange(max = 4_000_000_000_000L) long now,
            @ForAll @LongRange(max = 4_000_000_000_000L) long later) {
        Freshness freshness = of("Age", Long.toString(age), "Cache-Control", "max-age=" + maxAge);
        long first = Math.min(now, later);
        long second = Math.max(now, later);
        assertThat(freshness.ageSeconds(first)).isBetween(0L, freshness.ageSeconds(second));
        assertThat(freshness.ttlSeconds(first)).isGreaterThanOrEqualTo(freshness.ttlSeconds(second));
        assertThat(freshness.isFresh(first) || !freshness.isFresh(second)).isTrue();
        assertThat(freshness.lifetimeSeconds()).isEqualTo(Math.min(maxAge, CacheControl.MOST_SECONDS));
    }
}
