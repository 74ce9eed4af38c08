package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An IP address prefix in CIDR notation (RFC 4632, RFC 4291 section 2.3), IPv4 or IPv6; bits past its length are zero. */
public final class IpPrefix implements Comparable<IpPrefix> {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private final byte[] address;
    private final int length;

    private IpPrefix(byte[] address, int length) {
        this.address = address;
        this.length = length;
    }

    /**
     * Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32} or a single address.
     *
     * @throws IllegalArgumentException when the text is no prefix, or has bits set past its length
     */
    @JsonCreator
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        byte @Nullable [] plain = plainIpv4(text, slash < 0 ? text.length() : slash);
        byte[] address = plain != null ? plain : literal(slash < 0 ? text : text.substring(0, slash));
        int bits = address.length * 8;
        int length = bits;
        if (slash >= 0) {
            try {
                length = Integer.parseInt(text, slash + 1, text.length(), 10);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + text + "' is not an IP prefix: its length is no number", e);
            }
        }
        IpPrefix prefix = of(address, length);
        if (!Arrays.equals(prefix.address, address)) {
            throw new IllegalArgumentException(
                    "'" + text + "' has bits set past its length; did you mean " + prefix + "?");
        }
        return prefix;
    }

    /**
     * The prefix of that length which holds the address; bits past it are cleared.
     *
     * @param address 4 or 16 bytes in network order
     * @param length from 0 to 32 or 128
     */
    public static IpPrefix of(byte[] address, int length) {
        int bits = address.length * 8;
        if (bits != 32 && bits != 128) {
            throw new IllegalArgumentException("an IP address has 4 or 16 bytes, not " + address.length);
        }
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("prefix length " + length + " is not between 0 and " + bits);
        }
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int keep = Math.max(0, Math.min(8, length - i * 8));
            masked[i] &= (byte) (0xff00 >> keep);
        }
        return new IpPrefix(masked, length);
    }

    /** The 4 or 16 bytes of an address literal; never asks DNS. */
    static byte[] literal(String text) {
        byte @Nullable [] plain = plainIpv4(text, text.length());
        if (plain != null) {
            return plain;
        }
        // only these shapes, since InetAddress would look anything else up as a name
        if (IPV4.matcher(text).matches() || IPV6.matcher(text).matches()) {
            try {
                return InetAddress.getByName(text).getAddress();
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("'" + text + "' is not an IP address", e);
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not an IP address");
    }

    /** The address of four plain numbers, without the way through patterns: reports have them by the thousand. Null for all else. */
    private static byte @Nullable [] plainIpv4(String text, int end) {
        byte[] address = new byte[4];
        int at = 0;
        for (int i = 0; i < address.length; i++) {
            int begin = at;
            int number = 0;
            while (at < end && at - begin < 3 && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                number = 10 * number + text.charAt(at++) - '0';
            }
            boolean isMissing = begin == at;
            boolean ends = i == 3 ? at == end : at < end && text.charAt(at++) == '.';
            boolean leadingZero = text.startsWith("0", begin) && number > 0;
            if (isMissing || !ends || number > 255 || leadingZero) {
                return null;
            }
            address[i] = (byte) number;
        }
        return address;
    }

    /** The 4 or 16 bytes of the first address, in network order; a copy. */
    public byte[] address() {
        return address.clone();
    }

    /** The first 64 bits of the first address; an IPv4 address stands in the upper half, the rest is zero. */
    public long high() {
        return word(0) << 32 | (isIpv4() ? 0 : word(4));
    }

    /** The last 64 bits of the first address; 0 for IPv4. */
    public long low() {
        return isIpv4() ? 0 : word(8) << 32 | word(12);
    }

    private long word(int at) {
        return (address[at] & 0xffL) << 24
                | (address[at + 1] & 0xff) << 16
                | (address[at + 2] & 0xff) << 8
                | (address[at + 3] & 0xff);
    }

    /** How many leading bits count, from 0 to 32 or 128. */
    public int length() {
        return length;
    }

    public boolean isIpv4() {
        return address.length == 4;
    }

    /** Whether the address (4 or 16 bytes) lies within this prefix; false for the other family. */
    public boolean contains(byte[] other) {
        if (other.length != address.length) {
            return false;
        }
        int whole = length / 8;
        int rest = 0xff00 >> (length % 8) & 0xff;
        return Arrays.equals(other, 0, whole, address, 0, whole)
                && (rest == 0 || (other[whole] & rest) == (address[whole] & rest));
    }

    /** Whether some prefix of such a length holds both. */
    public boolean sharesBits(IpPrefix other, int bits) {
        if (other.isIpv4() != isIpv4() || length < bits || other.length < bits) {
            return false;
        }
        int mismatch = Arrays.mismatch(address, other.address);
        return mismatch < 0
                || 8 * mismatch
                                + Integer.numberOfLeadingZeros((address[mismatch] ^ other.address[mismatch]) & 0xff)
                                - 24
                        >= bits;
    }

    /** Whether all of another prefix lies within this one, which may be the same. */
    public boolean contains(IpPrefix other) {
        return length <= other.length && contains(other.address);
    }

    @Override
    public int compareTo(IpPrefix other) {
        int byFamily = Integer.compare(address.length, other.address.length);
        if (byFamily != 0) {
            return byFamily;
        }
        int byAddress = Arrays.compareUnsigned(address, other.address);
        return byAddress != 0 ? byAddress : Integer.compare(length, other.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IpPrefix that && length == that.length && Arrays.equals(address, that.address);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(address) + length;
    }

    /** In CIDR notation, the address as RFC 5952 has it: the first of the longest runs of zeros left out, if it has two groups or more. */
    @JsonValue
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (address.length == 4) {
            for (byte octet : address) {
                text.append(text.isEmpty() ? "" : ".").append(octet & 0xff);
            }
            return text.append('/').append(length).toString();
        }
        int left = -1; // where the longest run begins, and how long it is
        int longest = 1;
        for (int group = 0; group < 8; group++) {
            int end = group;
            while (end < 8 && group(end) == 0) {
                end++;
            }
            if (end - group > longest) {
                left = group;
                longest = end - group;
            }
        }
        for (int group = 0; group < 8; group++) {
            if (group == left) {
                text.append("::");
                group += longest - 1;
            } else {
                boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(group(group)));
            }
        }
        return text.append('/').append(length).toString();
    }

    private int group(int number) {
        return ((address[2 * number] & 0xff) << 8) | (address[2 * number + 1] & 0xff);
    }
}
