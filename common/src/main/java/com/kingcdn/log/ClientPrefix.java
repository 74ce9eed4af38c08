package com.kingcdn.log;

import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;

/**
 * What a log may keep of a client's address: its /24 (IPv4) or /56 (IPv6), the widths that resolvers use to hide a client as well
 * (RFC 7871 section 11.1).
 */
public final class ClientPrefix {

    private static final int IPV4_LENGTH = 24;
    private static final int IPV6_LENGTH = 56;

    private ClientPrefix() {}

    /** The prefix as text, such as {@code 192.0.2.0/24}. */
    public static String of(InetAddress client) {
        byte[] address = client.getAddress();
        return IpPrefix.of(address, address.length == 4 ? IPV4_LENGTH : IPV6_LENGTH)
                .toString();
    }
}
