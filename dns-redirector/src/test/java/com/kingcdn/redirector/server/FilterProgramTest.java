package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.query.FilteredPrefix;
import com.kingcdn.topology.IpPrefix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Runs programs as the kernel would; that it takes and runs them is shown by {@link SocketFilterTest}. */
class FilterProgramTest {

    private static final int LET_ALL_IN = 0;
    private static final int LET_NONE_IN = -1;

    @Test
    void dropsAShareOfWhatComesFromAPrefixAndNothingElse() {
        List<FilteredPrefix> prefixes = List.of(
                filtered("192.0.2.0/24", 4),
                filtered("198.51.100.7/32", 1),
                filtered("2001:db8:1:2::/64", 3),
                filtered("2001:db8:ff00::/40", 2),
                filtered("2001:db9::/32", 1));
        for (String in : List.of("192.0.2.0", "192.0.2.255", "198.51.100.7", "2001:db8:1:2:3::4", "2001:db8:ff99::1")) {
            assertThat(letsIn(prefixes, in, LET_NONE_IN)).as(in).isFalse();
            assertThat(letsIn(prefixes, in, LET_ALL_IN)).as(in).isTrue();
        }
        assertThat(letsIn(prefixes, "2001:db9:ffff:ffff::1", LET_NONE_IN)).isFalse();
        for (String other :
                List.of("192.0.3.0", "192.0.1.255", "198.51.100.6", "2001:db8:1:3::", "2001:dba::1", "::")) {
            assertThat(letsIn(prefixes, other, LET_NONE_IN)).as(other).isTrue();
        }
    }

    @Test
    void anIpv6PacketIsNoIpv4PacketThatHasTheSameOctetsAtItsPlace() {
        // octets 12 to 15 of an IPv6 header are in the middle of the source
        List<FilteredPrefix> prefixes = List.of(filtered("192.0.2.0/24", 1));
        assertThat(letsIn(prefixes, "2001:db8:c000:201::1", LET_NONE_IN)).isTrue();
    }

    @Test
    void takesItsChanceForEachPrefixThatAnAddressLiesIn() {
        List<FilteredPrefix> prefixes = List.of(filtered("192.0.2.7/32", 2), filtered("192.0.2.0/24", 1));
        Random random = new Random(1);
        int in = 0;
        for (int i = 0; i < 80_000; i++) {
            in += letsIn(prefixes, "192.0.2.7", random.nextInt()) ? 1 : 0;
        }
        // the interpreter has one random number for both: bit 0 is theirs together
        assertThat(in).isBetween(19_000, 21_000);
    }

    @Property(tries = 300)
    void agreesWithThePrefixes(@ForAll Random random, @ForAll @IntRange(max = 32) int count) {
        List<FilteredPrefix> prefixes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean ipv4 = random.nextBoolean();
            int[] lengths = ipv4 ? new int[] {32, 28, 24, 20, 16} : new int[] {64, 56, 48, 40, 32};
            prefixes.add(new FilteredPrefix(
                    IpPrefix.of(address(random, ipv4), lengths[random.nextInt(5)]), 1 + random.nextInt(16)));
        }
        FilterProgram program = FilterProgram.of(prefixes);
        for (int i = 0; i < 50; i++) {
            byte[] address = address(random, random.nextBoolean());
            int chance = random.nextInt();
            boolean in = prefixes.stream()
                    .noneMatch(each -> each.prefix().contains(address) && (chance & ((1 << each.shift()) - 1)) != 0);
            assertThat(run(program, packet(address), chance) == FilterProgram.WHOLE)
                    .as("%s from %s by %d", prefixes, IpPrefix.of(address, address.length * 8), chance)
                    .isEqualTo(in);
        }
    }

    @Test
    void takesIpv6PrefixesOf32To64BitsOnly() {
        assertThatThrownBy(() -> FilterProgram.of(List.of(filtered("2001:db8::1", 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2001:db8:");
    }

    /** Of few networks, so that they often lie in one another. */
    private static byte[] address(Random random, boolean ipv4) {
        byte[] address = new byte[ipv4 ? 4 : 16];
        for (int i = 0; i < address.length; i++) {
            address[i] = (byte) (i < 2 ? 10 + i : random.nextInt(3) << (random.nextBoolean() ? 4 : 0));
        }
        return address;
    }

    private static FilteredPrefix filtered(String prefix, int shift) {
        return new FilteredPrefix(IpPrefix.parse(prefix), shift);
    }

    private static boolean letsIn(List<FilteredPrefix> prefixes, String address, int random) {
        byte[] octets = IpPrefix.parse(address).address();
        return run(FilterProgram.of(prefixes), packet(octets), random) != FilterProgram.DROPPED;
    }

    /** An IP header from that address, with everything else set to ones. */
    private static byte[] packet(byte[] source) {
        boolean ipv4 = source.length == 4;
        byte[] packet = new byte[ipv4 ? 28 : 48];
        java.util.Arrays.fill(packet, (byte) -1);
        packet[0] = (byte) (ipv4 ? 0x45 : 0x6f);
        System.arraycopy(source, 0, packet, ipv4 ? 12 : 8, source.length);
        return packet;
    }

    /** The classic BPF machine, as far as these programs need it: loads beyond the packet's end would drop it. */
    private static int run(FilterProgram program, byte[] packet, int random) {
        ByteBuffer steps = program.steps();
        ByteBuffer octets = ByteBuffer.wrap(packet);
        int accumulator = 0;
        for (int at = 0; ; at++) {
            int step = at * FilterProgram.STEP;
            int operand = steps.getInt(step + 4);
            boolean jumps = false;
            switch (steps.getShort(step)) {
                case FilterProgram.LOAD_WORD ->
                    accumulator = operand == FilterProgram.RANDOM
                            ? random
                            : octets.getInt(operand - FilterProgram.NETWORK_HEADER);
                case FilterProgram.LOAD_OCTET ->
                    accumulator = Byte.toUnsignedInt(octets.get(operand - FilterProgram.NETWORK_HEADER));
                case FilterProgram.AND -> accumulator &= operand;
                case FilterProgram.JUMP -> at += operand;
                case FilterProgram.JUMP_IF_EQUAL -> {
                    jumps = true;
                    at += steps.get(step + (accumulator == operand ? 2 : 3));
                }
                case FilterProgram.JUMP_IF_ANY_SET -> {
                    jumps = true;
                    at += steps.get(step + ((accumulator & operand) != 0 ? 2 : 3));
                }
                case FilterProgram.RETURN -> {
                    return operand;
                }
                default -> throw new AssertionError("no such code: " + steps.getShort(step));
            }
            assertThat(jumps || (steps.getShort(step + 2) == 0)).isTrue();
        }
    }
}
