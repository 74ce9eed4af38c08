package com.kingcdn.edge.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;
import org.junit.jupiter.api.Test;

final class PassiveRttTest {

    private final PassiveRtt passive = new PassiveRtt(false);

    private void sampled(String client, double rttMillis) {
        passive.sampled(IpPrefix.parse(client).address(), rttMillis);
    }

    @Test
    void theLeastOfAPrefixCounts_andTheMeanAboveItIsJitter() {
        sampled("9.0.0.1", 30);
        sampled("9.0.0.2", 20);
        sampled("9.0.0.2", 40);
        sampled("2620:fe:1:2::9", 15);
        assertThat(passive.measurements())
                .containsExactlyInAnyOrder(
                        new Measurement(IpPrefix.parse("9.0.0.0/24"), 20, 10, 0, 3, RttMethod.PASSIVE, 0L),
                        new Measurement(IpPrefix.parse("2620:fe:1::/48"), 15, 0, 0, 1, RttMethod.PASSIVE, 0L));
        assertThat(passive.measurements()).as("once").isEmpty();
    }

    @Test
    void oneConnectionAskedOftenIsNotMuchEvidence() {
        for (int i = 0; i < 1000; i++) {
            sampled("9.0.0.1", 30);
        }
        assertThat(passive.measurements()).extracting(Measurement::probes).containsExactly(10);
    }

    @Test
    void clientsThatAreNotOnTheInternetTellNothingOfIt() {
        sampled("127.0.0.1", 1);
        sampled("10.0.0.1", 1);
        sampled("9.0.0.1", 0);
        assertThat(passive.measurements()).isEmpty();
    }
}
