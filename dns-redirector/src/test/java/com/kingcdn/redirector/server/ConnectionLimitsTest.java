package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTest {

    private final ConnectionLimits limits = new ConnectionLimits(
            new ListenerSettings.Tcp(Duration.ofSeconds(10), 20, 3), new TcpKeepalive(Duration.ofSeconds(10)));

    @Test
    void limitsAnAddress() throws Exception {
        assertThat(acquired("192.0.2.1", 10)).isEqualTo(3);
        assertThat(acquired("192.0.2.2", 10)).isEqualTo(3);
        limits.release(address("192.0.2.1"));
        assertThat(acquired("192.0.2.1", 10)).isEqualTo(1);
    }

    @Test
    void takesASlash64OfIpv6AsOneClient() throws Exception {
        assertThat(acquired("2001:db8::1", 2) + acquired("2001:db8::ffff:2", 2)).isEqualTo(3);
        assertThat(acquired("2001:db8:0:1::1", 2)).isEqualTo(2);
    }

    @Test
    void limitsAllTogetherAndGivesIdleOnesLessTimeAsTheyFill_rfc9210_4_2() throws Exception {
        assertThat(limits.idle()).isEqualTo(Duration.ofSeconds(10));
        for (int i = 1; i <= 10; i++) {
            assertThat(acquired("192.0.2." + i, 1)).isEqualTo(1);
        }
        assertThat(limits.idle()).as("half of all").isEqualTo(Duration.ofSeconds(10));
        for (int i = 11; i <= 15; i++) {
            assertThat(acquired("192.0.2." + i, 1)).isEqualTo(1);
        }
        assertThat(limits.idle()).isEqualTo(Duration.ofMillis(5500));
        for (int i = 16; i <= 20; i++) {
            assertThat(acquired("192.0.2." + i, 1)).isEqualTo(1);
        }
        assertThat(limits.idle()).isEqualTo(Duration.ofSeconds(1));
        assertThat(acquired("192.0.2.21", 1)).isZero();
        for (int i = 1; i <= 20; i++) {
            limits.release(address("192.0.2." + i));
        }
        assertThat(limits.idle()).isEqualTo(Duration.ofSeconds(10));
    }

    private int acquired(String literal, int times) throws UnknownHostException {
        int acquired = 0;
        for (int i = 0; i < times; i++) {
            acquired += limits.acquire(address(literal)) ? 1 : 0;
        }
        return acquired;
    }

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByAddress(IpPrefix.parse(literal).address());
    }
}
