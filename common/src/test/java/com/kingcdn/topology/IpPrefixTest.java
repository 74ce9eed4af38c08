package com.kingcdn.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** RFC 4632 section 3.1 and RFC 4291 section 2.3. */
class IpPrefixTest {

    @Property
    void whatIsWrittenIsReadAgain(@ForAll boolean ipv4, @ForAll long seed, @ForAll @IntRange(max = 128) int length) {
        byte[] address = address(ipv4, seed);
        IpPrefix prefix = IpPrefix.of(address, ipv4 ? length % 33 : length);
        assertThat(IpPrefix.parse(prefix.toString())).isEqualTo(prefix).hasSameHashCodeAs(prefix);
        assertThat(prefix.contains(address)).isTrue();
        assertThat(prefix.isIpv4()).isEqualTo(ipv4);
    }

    /** RFC 5952 section 4. */
    @Example
    void writesIpv6TheOneWay() {
        List<String> written = List.of(
                "::/0",
                "::1/128",
                "1::/16",
                "2001:db8::/32",
                "2001:db8:0:1::/64",
                "2001:0:0:1::1/128",
                "2001:db8::1:0:0:1/128",
                "1:0:2:0:3:0:4:0/112");
        assertThat(written).extracting(text -> IpPrefix.parse(text).toString()).isEqualTo(written);
        assertThat(IpPrefix.parse("2001:0DB8:0000:0:0:0:0:A").toString()).isEqualTo("2001:db8::a/128");
    }

    @Property
    void holdsExactlyTheAddressesThatShareItsBits(
            @ForAll boolean ipv4, @ForAll long seed, @ForAll @IntRange(max = 127) int flipped) {
        byte[] address = address(ipv4, seed);
        int bits = address.length * 8;
        int bit = flipped % bits;
        byte[] other = address.clone();
        other[bit / 8] ^= (byte) (0x80 >> bit % 8);
        for (int length = 0; length <= bits; length++) {
            assertThat(IpPrefix.of(address, length).contains(other)).isEqualTo(length <= bit);
            assertThat(IpPrefix.of(address, bits).sharesBits(IpPrefix.of(other, bits), length))
                    .isEqualTo(length <= bit);
            // a prefix has no bits past its length
            assertThat(IpPrefix.of(address, bits).sharesBits(IpPrefix.of(address, length), bits))
                    .isEqualTo(length == bits);
        }
        assertThat(IpPrefix.of(address, bits).sharesBits(IpPrefix.of(address(!ipv4, seed), 0), 0))
                .isFalse();
    }

    @Property
    void isTwoNumbers(@ForAll boolean ipv4, @ForAll long seed) {
        byte[] address = address(ipv4, seed);
        IpPrefix prefix = IpPrefix.of(address, address.length * 8);
        ByteBuffer numbers = ByteBuffer.allocate(16).putLong(prefix.high()).putLong(prefix.low());
        assertThat(numbers.array()).isEqualTo(Arrays.copyOf(address, 16));
    }

    private static byte[] address(boolean ipv4, long seed) {
        byte[] address = new byte[ipv4 ? 4 : 16];
        new Random(seed).nextBytes(address);
        address[0] |= 1; // an IPv4-mapped address would be read as IPv4
        return address;
    }

    @Example
    void readsAddressesAndPrefixes() {
        assertThat(IpPrefix.parse("192.0.2.0/24")).hasToString("192.0.2.0/24");
        assertThat(IpPrefix.parse("192.0.2.1").length()).isEqualTo(32);
        assertThat(IpPrefix.parse("2001:db8::/32").length()).isEqualTo(32);
        assertThat(IpPrefix.parse("0.0.0.0/0").contains(new byte[] {9, 9, 9, 9}))
                .isTrue();
        assertThat(IpPrefix.parse("0.0.0.0/0").contains(new byte[16])).isFalse();
    }

    @Example
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> IpPrefix.parse("192.0.2.1/24")).hasMessageContaining("did you mean 192.0.2.0/24?");
        assertThatThrownBy(() -> IpPrefix.parse("192.0.2.0/33")).hasMessageContaining("not between 0 and 32");
        assertThatThrownBy(() -> IpPrefix.parse("192.0.2.0/x")).hasMessageContaining("its length is no number");
        assertThatThrownBy(() -> IpPrefix.parse("edge.example")).hasMessageContaining("not an IP address");
        for (String wrong : List.of(
                "192.0.2.256",
                "192.0.2.",
                "192.0.2",
                ".0.2.1",
                "192..2.1",
                "192.0.2.1.",
                "192.0.2.1x",
                "1920.0.2.1",
                "")) {
            assertThatThrownBy(() -> IpPrefix.parse(wrong)).as(wrong).hasMessageContaining("not an IP address");
        }
    }

    @Example
    void sortsByFamilyAddressAndLength() {
        IpPrefix[] prefixes = {
            IpPrefix.parse("2001:db8::/32"),
            IpPrefix.parse("192.0.2.0/25"),
            IpPrefix.parse("192.0.2.0/24"),
            IpPrefix.parse("10.0.0.0/8")
        };
        Arrays.sort(prefixes);
        assertThat(prefixes)
                .extracting(IpPrefix::toString)
                .containsExactly("10.0.0.0/8", "192.0.2.0/24", "192.0.2.0/25", "2001:db8::/32");
    }
}
