package com.kingcdn.redirector.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ResponseRateLimiterTest {

    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(-5);
    private ResponseRateLimiter limiter = limiter(10, 20, 0, 0);

    @Test
    void letsABurstThroughAndThenTheRate() throws Exception {
        assertThat(allowed("192.0.2.1", 100)).isEqualTo(20);
        now.addAndGet(SECOND);
        assertThat(allowed("192.0.2.1", 100)).isEqualTo(10);
        now.addAndGet(100 * SECOND);
        assertThat(allowed("192.0.2.1", 100)).as("never more than a burst").isEqualTo(20);
    }

    @Test
    void oneAddressDoesNotUseUpWhatItsNeighboursNeed() throws Exception {
        assertThat(allowed("192.0.2.1", 100_000)).isEqualTo(20);
        assertThat(allowed("192.0.2.2", 20)).isEqualTo(20);
        assertThat(allowed("192.0.2.3", 20)).isEqualTo(20);
    }

    @Test
    void limitsAWholeNetworkToFourTimesAsMuchAtEachLevel() throws Exception {
        int answers = 0;
        for (int host = 0; host < 256; host++) {
            answers += allowed("192.0.2." + host, 20);
        }
        // a /28 has 80 of its 16 addresses' 320, a /24 has 320 of its 16 networks' 1280
        assertThat(answers).isEqualTo(320);
        assertThat(allowed("192.0.3.1", 20)).as("its neighbour").isEqualTo(20);
        assertThat(allowed("198.51.100.1", 20)).as("others").isEqualTo(20);
    }

    @Test
    void takesASlash64OfIpv6AsOneClient() throws Exception {
        assertThat(allowed("2001:db8:0:1::1", 15) + allowed("2001:db8:0:1:ffff::2", 15))
                .isEqualTo(20);
        assertThat(allowed("2001:db8:0:2::1", 15)).isEqualTo(15);
    }

    @Test
    void limitsBytesBeyondTheFactorForAWholeNetwork() throws Exception {
        limiter = limiter(0, 1, 2.5, 1000);
        InetAddress one = address("192.0.2.1");
        assertThat(limiter.allowsLength(one, 40, 100)).isTrue();
        assertThat(limiter.allowsLength(one, 40, 600)).isTrue();
        assertThat(limiter.allowsLength(address("192.0.2.2"), 40, 600)).isTrue();
        assertThat(limiter.allowsLength(one, 40, 101)).isFalse();
        assertThat(limiter.allowsLength(one, 40, 100)).as("within the factor").isTrue();
        assertThat(limiter.allowsLength(address("192.0.3.2"), 40, 600)).isTrue();
        now.addAndGet(SECOND / 2);
        assertThat(limiter.allowsLength(one, 40, 600)).isTrue();
        assertThat(limiter.allowsLength(one, 40, 101)).isFalse();
    }

    @Test
    void isStrictWithoutAnAllowance() throws Exception {
        limiter = limiter(0, 1, 2.5, 0);
        assertThat(limiter.allowsLength(address("192.0.2.1"), 40, 100)).isTrue();
        assertThat(limiter.allowsLength(address("192.0.2.1"), 40, 101)).isFalse();
    }

    @Test
    void doesNotLimitWhoIsExempt() throws Exception {
        limiter = new ResponseRateLimiter(
                new RateLimitSettings(
                        1,
                        1,
                        1,
                        2,
                        0,
                        List.of(
                                IpPrefix.parse("192.0.2.0/24"),
                                IpPrefix.parse("2001:db8::/33"),
                                IpPrefix.parse("::1"))),
                now::get);
        for (String exempt : List.of("192.0.2.77", "2001:db8:7fff::1", "::1")) {
            assertThat(allowed(exempt, 100)).as(exempt).isEqualTo(100);
            assertThat(limiter.allowsLength(address(exempt), 40, 1232)).isTrue();
        }
        for (String other : List.of("192.0.3.77", "2001:db8:8000::1", "::2")) {
            assertThat(allowed(other, 100)).as(other).isEqualTo(1);
            assertThat(limiter.allowsLength(address(other), 40, 1232)).isFalse();
        }
    }

    @Test
    void slipsAShare() {
        assertThat(slips(0)).isZero();
        assertThat(slips(1)).isEqualTo(10_000);
        assertThat(slips(4)).isBetween(2_200, 2_800);
    }

    /** 0100::/64 is to discard; a forged source of it charges nobody's address (RFC 6666). */
    @Test
    void noAddressOfIpv6IsTakenForOneOfIpv4() throws Exception {
        assertThat(allowed("192.0.2.1", 100)).isEqualTo(20);
        assertThat(allowed("100:0:c000:201::", 100)).isEqualTo(20);
        assertThat(PrefixPyramid.key(address("100:0:c000:201::").getAddress()))
                .isNotEqualTo(PrefixPyramid.key(address("192.0.2.1").getAddress()));
    }

    @Test
    void refusesSettingsThatMeanNothing() {
        assertThatThrownBy(() -> new RateLimitSettings(-1, 1, 1, 0, 0, List.of()))
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> new RateLimitSettings(1, 1, 1, 1, 0, List.of()))
                .hasMessageContaining("1.5");
    }

    @Property(tries = 200)
    void neverMoreThanTheRateAndTheBurst(
            @ForAll @IntRange(min = 1, max = 5_000) int rate,
            @ForAll @IntRange(min = 2, max = 5_000) int burst,
            @ForAll @IntRange(min = 1, max = 20_000) int microsBetween)
            throws UnknownHostException {
        AtomicLong time = new AtomicLong();
        ResponseRateLimiter limited =
                new ResponseRateLimiter(new RateLimitSettings(rate, burst, 1, 0, 0, List.of()), time::get);
        InetAddress client = address("203.0.113.5");
        int queries = 2_000;
        int allowed = 0;
        for (int i = 0; i < queries; i++) {
            allowed += limited.allows(client) ? 1 : 0;
            time.addAndGet(microsBetween * 1_000L);
        }
        double most = burst + (double) rate * queries * microsBetween / 1e6;
        assertThat(allowed).isBetween((int) Math.min(queries, most * 0.999) - 1, (int) Math.min(queries, most + 1));
    }

    private int slips(int slip) {
        ResponseRateLimiter slipping =
                new ResponseRateLimiter(new RateLimitSettings(1, 1, slip, 0, 0, List.of()), now::get);
        int slips = 0;
        for (int i = 0; i < 10_000; i++) {
            slips += slipping.slips() ? 1 : 0;
        }
        return slips;
    }

    private int allowed(String address, int queries) throws UnknownHostException {
        InetAddress client = address(address);
        int allowed = 0;
        for (int i = 0; i < queries; i++) {
            allowed += limiter.allows(client) ? 1 : 0;
        }
        return allowed;
    }

    private ResponseRateLimiter limiter(int rate, int burst, double amplification, long allowance) {
        return new ResponseRateLimiter(
                new RateLimitSettings(rate, burst, 1, amplification, allowance, List.of()), now::get);
    }

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByAddress(IpPrefix.parse(literal).address());
    }
}
