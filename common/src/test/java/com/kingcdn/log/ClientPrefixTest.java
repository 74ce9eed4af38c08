package com.kingcdn.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class ClientPrefixTest {

    @Test
    void keeps24BitsOfIpv4() throws Exception {
        assertThat(ClientPrefix.of(InetAddress.getByName("192.0.2.213"))).isEqualTo("192.0.2.0/24");
    }

    @Test
    void keeps56BitsOfIpv6() throws Exception {
        assertThat(ClientPrefix.of(InetAddress.getByName("2001:db8:1:22ff:3:4:5:6")))
                .startsWith("2001:db8:1:2200:")
                .endsWith("/56")
                .doesNotContain("22ff");
    }

    @Test
    void anIpv4AddressMappedIntoIpv6IsIpv4() throws Exception {
        assertThat(ClientPrefix.of(InetAddress.getByName("::ffff:192.0.2.213"))).isEqualTo("192.0.2.0/24");
    }
}
