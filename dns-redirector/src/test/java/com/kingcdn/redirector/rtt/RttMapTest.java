package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.RttReport;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RttMapTest {

    private final RttMap map = new RttMap();

    private static Measurement measurement(String prefix, double rtt) {
        return new Measurement(IpPrefix.parse(prefix), rtt, 0);
    }

    @Test
    void theLongestMeasuredPrefixThatHoldsTheClientCounts() {
        map.report(new RttReport(
                "fra-1", "fra", List.of(measurement("192.0.0.0/16", 20), measurement("192.0.2.0/24", 12))));

        assertThat(map.find("fra", IpPrefix.parse("192.0.2.7"))).contains(measurement("192.0.2.0/24", 12));
        assertThat(map.find("fra", IpPrefix.parse("192.0.0.0/20"))).contains(measurement("192.0.0.0/16", 20));
        assertThat(map.find("fra", IpPrefix.parse("198.51.100.1"))).isEmpty();
        assertThat(map.find("sin", IpPrefix.parse("192.0.2.7"))).isEmpty();
    }

    @Test
    void aLaterMeasurementReplacesTheEarlier() {
        map.report(new RttReport("fra-1", "fra", List.of(measurement("2001:db8::/32", 20))));
        map.report(new RttReport("fra-2", "fra", List.of(measurement("2001:db8::/32", 30))));

        assertThat(map.find("fra", IpPrefix.parse("2001:db8::1"))).contains(measurement("2001:db8::/32", 30));
    }
}
