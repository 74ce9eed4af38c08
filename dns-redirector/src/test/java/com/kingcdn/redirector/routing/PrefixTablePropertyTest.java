package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** The compiled table against the plainest model there is: a list of all that was painted, the last that holds an address wins. */
class PrefixTablePropertyTest {

    /** @param addition 0 to paint the value, else what a transformation adds to whatever is there */
    record Step(IpPrefix prefix, int value, int addition) {}

    private static final int BOTTOM = 7;

    /** Fewer than values, so that several values have one answer. */
    private static final int ANSWERS = 3;

    @Property(tries = 300)
    void agreesWithTheModelForIpv4(@ForAll("ipv4Steps") List<Step> steps, @ForAll Random random) {
        check(steps, random, 4);
    }

    @Property(tries = 300)
    void agreesWithTheModelForIpv6(@ForAll("ipv6Steps") List<Step> steps, @ForAll Random random) {
        check(steps, random, 16);
    }

    @Property(tries = 300)
    void leavesAreTheWidestPrefixesWithOneValue(@ForAll("octetSteps") List<Step> steps) {
        PrefixTable table = build(steps);
        for (int octet = 0; octet < 256; octet++) {
            long leaf = table.find((long) octet << 56, 0);
            assertThat(PrefixTable.width(leaf))
                    .as("width at %s", octet)
                    .isEqualTo(width(steps, octet, Integer.MAX_VALUE));
        }
    }

    @Property(tries = 50)
    void scopesAreTheWidestPrefixesWithOneAnswer(@ForAll("octetSteps") List<Step> steps) {
        PrefixTable table = build(steps);
        for (int octet = 0; octet < 256; octet++) {
            long leaf = table.find((long) octet << 56, 0);
            assertThat(PrefixTable.scope(leaf)).as("scope at %s", octet).isEqualTo(width(steps, octet, ANSWERS));
        }
    }

    private static int width(List<Step> steps, int octet, int answers) {
        int width = 8;
        while (width > 0 && isUniform(steps, octet, width - 1, answers)) {
            width--;
        }
        return width;
    }

    private static boolean isUniform(List<Step> steps, int octet, int width, int answers) {
        int first = octet & (0xff00 >> width) & 0xff;
        int expected = model(steps, new byte[] {(byte) first, 0, 0, 0}) % answers;
        for (int i = 1; i < 1 << (8 - width); i++) {
            if (model(steps, new byte[] {(byte) (first + i), 0, 0, 0}) % answers != expected) {
                return false;
            }
        }
        return true;
    }

    private static void check(List<Step> steps, Random random, int length) {
        PrefixTable table = build(steps);
        List<byte[]> addresses = new ArrayList<>();
        for (Step step : steps) {
            // just inside and just outside of each prefix, where mistakes live
            byte[] first = step.prefix().address();
            byte[] last = first.clone();
            for (int bit = step.prefix().length(); bit < length * 8; bit++) {
                last[bit >> 3] |= (byte) (0x80 >> (bit & 7));
            }
            addresses.addAll(List.of(first, last, neighbour(first, -1), neighbour(last, 1)));
        }
        for (int i = 0; i < 50; i++) {
            byte[] address = new byte[length];
            random.nextBytes(address);
            addresses.add(address);
        }
        for (byte[] address : addresses) {
            long leaf = table.find(Addresses.high(address), Addresses.low(address));
            assertThat(PrefixTable.value(leaf))
                    .as("value at %s", IpPrefix.of(address, length * 8))
                    .isEqualTo(model(steps, address));
            checkNeighbours(steps, random, address, leaf);
        }
    }

    /** All that a scope promises: every address under it has the same value. */
    private static void checkNeighbours(List<Step> steps, Random random, byte[] address, long leaf) {
        byte[] other = new byte[address.length];
        random.nextBytes(other);
        for (int bit = 0; bit < PrefixTable.width(leaf); bit++) {
            int mask = 0x80 >> (bit & 7);
            other[bit >> 3] = (byte) ((other[bit >> 3] & ~mask) | (address[bit >> 3] & mask));
        }
        assertThat(model(steps, other)).isEqualTo(PrefixTable.value(leaf));
        for (int bit = PrefixTable.scope(leaf); bit < PrefixTable.width(leaf); bit++) {
            other[bit >> 3] ^= (byte) (random.nextInt(2) * (0x80 >> (bit & 7)));
        }
        assertThat(model(steps, other) % ANSWERS)
                .as("answer within the scope")
                .isEqualTo(PrefixTable.value(leaf) % ANSWERS);
    }

    private static byte[] neighbour(byte[] address, int step) {
        byte[] result = address.clone();
        for (int i = result.length - 1; i >= 0; i--) {
            result[i] += (byte) step;
            if (result[i] != (step > 0 ? 0 : -1)) {
                break;
            }
        }
        return result;
    }

    private static int model(List<Step> steps, byte[] address) {
        int value = BOTTOM;
        for (Step step : steps) {
            if (step.prefix().contains(address)) {
                value = step.addition() == 0 ? step.value() : value + step.addition();
            }
        }
        return value;
    }

    @Property(tries = 100)
    void isTheSameWhateverTableItsRoomIsTakenFrom(
            @ForAll("ipv4Steps") List<Step> steps, @ForAll("ipv4Steps") List<Step> others, @ForAll Random random) {
        PrefixTable like = build(others);
        PrefixTable roomy = build(new PrefixTableBuilder(BOTTOM).copy(like), steps, like);
        PrefixTable plain = build(steps);
        assertThat(roomy.sizes()).isEqualTo(plain.sizes());
        for (int i = 0; i < 100; i++) {
            long high = (long) random.nextInt() << 32;
            assertThat(roomy.find(high, 0)).isEqualTo(plain.find(high, 0));
        }
        for (Step step : steps) {
            assertThat(roomy.find(step.prefix().high(), 0))
                    .isEqualTo(plain.find(step.prefix().high(), 0));
        }
    }

    private static PrefixTable build(List<Step> steps) {
        return build(new PrefixTableBuilder(BOTTOM), steps, null);
    }

    private static PrefixTable build(PrefixTableBuilder builder, List<Step> steps, @Nullable PrefixTable like) {
        for (Step step : steps) {
            if (step.addition() == 0) {
                builder.paint(step.prefix(), step.value());
            } else {
                builder.transform(step.prefix(), value -> value + step.addition());
            }
        }
        return builder.compile(value -> value % ANSWERS, like);
    }

    @Provide
    Arbitrary<List<Step>> ipv4Steps() {
        return steps(4, 0, 32);
    }

    @Provide
    Arbitrary<List<Step>> ipv6Steps() {
        return steps(16, 0, 128);
    }

    @Provide
    Arbitrary<List<Step>> octetSteps() {
        return steps(4, 0, 8);
    }

    private static Arbitrary<List<Step>> steps(int bytes, int least, int most) {
        // few different octets, so that prefixes nest and touch
        Arbitrary<byte[]> address = Arbitraries.of(0, 1, 127, 128, 129, 255)
                .map(Integer::byteValue)
                .array(byte[].class)
                .ofSize(bytes);
        return Combinators.combine(
                        address,
                        Arbitraries.integers().between(least, most),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of(0, 0, 0, 1, 2))
                .as((octets, length, value, addition) -> new Step(IpPrefix.of(octets, length), value, addition))
                .list()
                .ofMaxSize(30);
    }
}
