package com.kingcdn.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpecialPurposePrefixesTest {

    private static boolean isGlobal(String address) {
        return SpecialPurposePrefixes.isGlobal(IpPrefix.parse(address).address());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.1.1", "172.31.255.255", "192.0.2.1",
                "192.168.1.1", "198.19.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255", "::", "::1",
                "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "2002:7f00:1::1", "64:ff9b::7f00:1"
            })
    void noHostOnTheInternetHasThese(String address) {
        assertThat(isGlobal(address)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "100.63.255.255",
                "100.128.0.1",
                "172.32.0.1",
                "223.255.255.255",
                "2606:4700:4700::1111",
                "2001:4860:4860::8888"
            })
    void hostsMayHaveThese(String address) {
        assertThat(isGlobal(address)).isTrue();
    }
}
