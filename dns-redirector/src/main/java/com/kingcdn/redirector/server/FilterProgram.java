package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.FilteredPrefix;
import com.kingcdn.redirector.routing.Addresses;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A program for the kernel that lets in a random share of the datagrams from some prefixes, and all others: classic BPF, as Linux takes it
 * for any socket and from any user (socket(7), SO_ATTACH_FILTER). It reads the IP header, so one does for sockets of both families.
 *
 * <p>For each prefix in turn: whoever lies in it takes its chance, and may go on to the next. It has no loops, and ends after {@value
 * #IPV6_STEPS} steps for each prefix at most.
 */
final class FilterProgram {

    /** Octets of a {@code struct sock_filter}: code (2), steps to jump if so (1), if not (1), operand (4). */
    static final int STEP = 8;

    static final int LOAD_WORD = 0x20;
    static final int LOAD_OCTET = 0x30;
    static final int AND = 0x54;
    static final int JUMP = 0x05;
    static final int JUMP_IF_EQUAL = 0x15;
    static final int JUMP_IF_ANY_SET = 0x45;
    static final int RETURN = 0x06;

    /** Offsets from here on are of the IP header (SKF_NET_OFF). */
    static final int NETWORK_HEADER = -0x100000;
    /** Reads as a random number (SKF_AD_OFF + SKF_AD_RANDOM). */
    static final int RANDOM = -0x1000 + 56;

    static final int DROPPED = 0;
    static final int WHOLE = -1;

    private static final int VERSION_MASK = 0xf0;
    private static final int VERSION_4 = 0x40;
    private static final int IPV4_SOURCE = 12;
    private static final int IPV6_SOURCE = 8;
    private static final int IPV4_STEPS = 6;
    private static final int IPV6_STEPS = 8;
    private static final int OTHER_STEPS = 6;

    private final ByteBuffer steps;

    private FilterProgram(ByteBuffer steps) {
        this.steps = steps;
    }

    /** The program for these prefixes, those of IPv6 of 32 to 64 bits. */
    static FilterProgram of(List<FilteredPrefix> prefixes) {
        int ipv4 =
                (int) prefixes.stream().filter(each -> each.prefix().isIpv4()).count();
        int count = OTHER_STEPS + ipv4 * IPV4_STEPS + (prefixes.size() - ipv4) * IPV6_STEPS;
        FilterProgram program =
                new FilterProgram(ByteBuffer.allocateDirect(count * STEP).order(ByteOrder.nativeOrder()));
        program.add(LOAD_OCTET, 0, 0, NETWORK_HEADER);
        program.add(AND, 0, 0, VERSION_MASK);
        program.add(JUMP_IF_EQUAL, 1, 0, VERSION_4);
        program.add(JUMP, 0, 0, ipv4 * IPV4_STEPS + 1);
        prefixes.stream().filter(each -> each.prefix().isIpv4()).forEach(program::addIpv4);
        program.add(RETURN, 0, 0, WHOLE);
        prefixes.stream().filter(each -> !each.prefix().isIpv4()).forEach(program::addIpv6);
        program.add(RETURN, 0, 0, WHOLE);
        program.steps.flip();
        return program;
    }

    /** As the kernel reads them, in memory outside the heap. */
    ByteBuffer steps() {
        return steps;
    }

    private void addIpv4(FilteredPrefix filtered) {
        add(LOAD_WORD, 0, 0, NETWORK_HEADER + IPV4_SOURCE);
        add(AND, 0, 0, mask(filtered.prefix().length()));
        add(JUMP_IF_EQUAL, 0, 3, (int) (Addresses.high(filtered.prefix().address()) >>> 32));
        addChance(filtered.shift());
    }

    private void addIpv6(FilteredPrefix filtered) {
        int length = filtered.prefix().length();
        if (length < 32 || length > 64) {
            throw new IllegalArgumentException("no filter for " + filtered.prefix());
        }
        long high = Addresses.high(filtered.prefix().address());
        add(LOAD_WORD, 0, 0, NETWORK_HEADER + IPV6_SOURCE);
        add(JUMP_IF_EQUAL, 0, 6, (int) (high >>> 32));
        add(LOAD_WORD, 0, 0, NETWORK_HEADER + IPV6_SOURCE + 4);
        add(AND, 0, 0, mask(length - 32));
        add(JUMP_IF_EQUAL, 0, 3, (int) high);
        addChance(filtered.shift());
    }

    private void addChance(int shift) {
        add(LOAD_WORD, 0, 0, RANDOM);
        add(JUMP_IF_ANY_SET, 0, 1, (1 << shift) - 1);
        add(RETURN, 0, 0, DROPPED);
    }

    private static int mask(int length) {
        return length == 0 ? 0 : -1 << (32 - length);
    }

    private void add(int code, int ifSo, int ifNot, int operand) {
        steps.putShort((short) code).put((byte) ifSo).put((byte) ifNot).putInt(operand);
    }
}
