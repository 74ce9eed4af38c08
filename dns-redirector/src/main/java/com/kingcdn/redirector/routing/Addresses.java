package com.kingcdn.redirector.routing;

/** IP addresses as two numbers, the form in which the table is read. */
public final class Addresses {

    private Addresses() {}

    /** The first 64 bits of an address of 4 or 16 bytes; an IPv4 address stands in the upper half. */
    public static long high(byte[] address) {
        long first = (long) word(address, 0) << 32;
        return address.length == 4 ? first : first | (word(address, 4) & 0xffffffffL);
    }

    /** The last 64 bits of an address of 16 bytes; 0 for IPv4. */
    public static long low(byte[] address) {
        return address.length == 4 ? 0 : (long) word(address, 8) << 32 | (word(address, 12) & 0xffffffffL);
    }

    private static int word(byte[] bytes, int at) {
        return (bytes[at] << 24)
                | ((bytes[at + 1] & 0xff) << 16)
                | ((bytes[at + 2] & 0xff) << 8)
                | (bytes[at + 3] & 0xff);
    }
}
