package com.kingcdn.redirector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FloodWatchTest {

    private static final int RATE = 100;
    private static final long LOOK_NANOS = 25_000_000;
    private static final int LOOKS_A_SECOND = 40;

    private final Random random = new Random(7);
    private FloodWatch watch = new FloodWatch(RATE, List.of());
    private long now = -1;
    private List<FilteredPrefix> filtered = look();

    @Test
    void oneLoudAddressIsFilteredAndItsNeighboursAreNot() {
        flood(Map.of("192.0.2.1", 100_000, "192.0.2.2", 50, "198.51.100.1", 50), 10);
        assertThat(filtered).hasSize(1);
        assertThat(filtered.get(0).prefix()).isEqualTo(IpPrefix.parse("192.0.2.1/32"));
        assertThat(letIn("192.0.2.1", 100_000)).isBetween(2_000.0, 7_500.0);
    }

    @Test
    void aNetworkOfManyAddressesIsFilteredAsAWhole() {
        Map<String, Integer> loads = new HashMap<>();
        for (int host = 0; host < 256; host++) {
            loads.put("192.0.2." + host, 400);
        }
        loads.put("192.0.3.1", 90);
        flood(loads, 10);
        assertThat(filtered).extracting(FilteredPrefix::prefix).contains(IpPrefix.parse("192.0.2.0/24"));
        double left = 256 * letIn("192.0.2.77", 400);
        // a /24 may have 1,600
        assertThat(left).isBetween(1_600.0, 4.5 * 1_600);
        assertThat(letIn("192.0.3.1", 90)).isEqualTo(90);
    }

    @Test
    void aNetworkOfIpv6IsFilteredToo() {
        Map<String, Integer> loads = new HashMap<>();
        for (int network = 0; network < 512; network++) {
            loads.put("2001:db8:1:" + Integer.toHexString(128 * network) + "::1", 200);
        }
        loads.put("2001:db8:2::1", 90);
        flood(loads, 10);
        assertThat(filtered).extracting(FilteredPrefix::prefix).contains(IpPrefix.parse("2001:db8:1::/48"));
        assertThat(letIn("2001:db8:2::1", 90)).isEqualTo(90);
    }

    @Test
    void aFloodThatGrowsIsFilteredMoreAtOnceAndOneThatEndsNotForLong() {
        flood(Map.of("192.0.2.1", 20_000), 4);
        int before = filtered.get(0).shift();
        flood(Map.of("192.0.2.1", 640_000), 2);
        assertThat(filtered.get(0).shift()).isGreaterThanOrEqualTo(before + 4);
        flood(Map.of("192.0.2.1", 20_000), 2 * LOOKS_A_SECOND + 2);
        assertThat(filtered.get(0).shift()).isBetween(before, before + 1);
        flood(Map.of("192.0.2.1", 50), 2 * LOOKS_A_SECOND + 2);
        assertThat(filtered).isEmpty();
        assertThat(watch.look(now + LOOK_NANOS)).as("nothing new").isSameAs(filtered);
    }

    @Test
    void oneBurstAndWhoStaysBelowAFloodAreLeftToTheLimiter() {
        flood(Map.of("192.0.2.1", 100_000), 1);
        assertThat(filtered).isEmpty();
        flood(Map.of(), 1);
        flood(Map.of("192.0.2.1", 100_000), 1);
        assertThat(filtered).isEmpty();
        flood(Map.of(), 1);
        flood(Map.of("192.0.2.1", FloodWatch.LEAST * 3 / 4), 3 * LOOKS_A_SECOND);
        assertThat(filtered).isEmpty();
    }

    @Test
    void nothingIsFilteredThatHasAPartInCommonWithWhatIsExempt() {
        watch = new FloodWatch(RATE, List.of(IpPrefix.parse("192.0.2.53"), IpPrefix.parse("2001:db8:1:1::53")));
        look();
        Map<String, Integer> loads = new HashMap<>();
        for (int host = 0; host < 256; host++) {
            loads.put("192.0.2." + host, 800);
        }
        loads.put("2001:db8:1:1::99", 50_000);
        flood(loads, 20);
        assertThat(filtered).isNotEmpty();
        assertThat(filtered).extracting(FilteredPrefix::prefix).allSatisfy(prefix -> assertThat(
                        prefix.contains(IpPrefix.parse("192.0.2.53"))
                                || prefix.contains(IpPrefix.parse("2001:db8:1:1::53")))
                .isFalse());
    }

    @Test
    void nobodyFloodsWhereThereIsNoLimit() {
        watch = new FloodWatch(0, List.of());
        ResponseRateLimiter limiter = new ResponseRateLimiter(RateLimitSettings.NONE, () -> now);
        for (int i = 0; i < 100_000; i++) {
            assertThat(limiter.allows(java.net.InetAddress.getLoopbackAddress()))
                    .isTrue();
        }
        assertThat(limiter.floods().look(now + LOOK_NANOS)).isEmpty();
        assertThat(limiter.floods().look(now + 2 * LOOK_NANOS)).isEmpty();
    }

    @Test
    void whatCouldNotBeFilteredIsForgotten() {
        flood(Map.of("192.0.2.1", 100_000), 3);
        assertThat(filtered).isNotEmpty();
        watch.forget();
        assertThat(look()).isEmpty();
    }

    /** Whoever floods from wherever: it is filtered in bounds, and nobody without a part in it. */
    @Property(tries = 60)
    void keepsItsBounds(
            @ForAll Random seed,
            @ForAll @IntRange(min = 1, max = 200) int sources,
            @ForAll @IntRange(max = 4) int like) {
        watch = new FloodWatch(RATE, List.of());
        look();
        Map<String, Integer> loads = new HashMap<>();
        for (int i = 0; i < sources; i++) {
            int spread = 1 << (2 * like);
            String address =
                    "10." + seed.nextInt(spread) % 256 + "." + seed.nextInt(spread) % 256 + "." + seed.nextInt(256);
            loads.put(address, 200_000 / sources);
        }
        loads.put("203.0.113.1", 90);
        flood(loads, 60);
        assertThat(filtered.size()).isLessThanOrEqualTo(FloodWatch.MOST);
        assertThat(letIn("203.0.113.1", 90)).isEqualTo(90);
        for (FilteredPrefix each : filtered) {
            double offered = loads.entrySet().stream()
                    .filter(load ->
                            each.prefix().contains(IpPrefix.parse(load.getKey()).address()))
                    .mapToInt(Map.Entry::getValue)
                    .sum();
            assertThat(offered).as(each.toString()).isGreaterThan(FloodWatch.LEAST / 2.0);
        }
    }

    /** Lets so many looks pass with these loads, each in queries a second, of which the filters let in what they do. */
    private void flood(Map<String, Integer> loads, int looks) {
        List<Map.Entry<Long, Double>> keys = new ArrayList<>();
        for (int i = 0; i < looks; i++) {
            keys.clear();
            loads.forEach((address, perSecond) -> keys.add(Map.entry(
                    PrefixPyramid.key(IpPrefix.parse(address).address()), letIn(address, perSecond) / LOOKS_A_SECOND)));
            for (Map.Entry<Long, Double> each : keys) {
                double rest = each.getValue() % 1;
                int queries = (int) (each.getValue() - rest) + (random.nextDouble() < rest ? 1 : 0);
                // of an address's rate so many are answered between two looks
                double allowed = (double) RATE / LOOKS_A_SECOND;
                for (int query = 0; query < queries; query++) {
                    watch.asked(each.getKey(), query < allowed);
                }
            }
            filtered = look();
        }
    }

    private double letIn(String address, double perSecond) {
        double left = perSecond;
        for (FilteredPrefix each : filtered) {
            if (each.prefix().contains(IpPrefix.parse(address).address())) {
                left /= 1 << each.shift();
            }
        }
        return left;
    }

    private List<FilteredPrefix> look() {
        now += LOOK_NANOS;
        return watch.look(now);
    }
}
