package com.kingcdn.topology;

import java.util.List;
import java.util.stream.Stream;

/** The addresses that are of no host on the Internet: IANA's special-purpose registries (RFC 6890), multicast, and what is not in use. */
public final class SpecialPurposePrefixes {

    private static final IpPrefix GLOBAL_UNICAST = IpPrefix.parse("2000::/3");

    private static final List<IpPrefix> SPECIAL = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3",
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20")
            .map(IpPrefix::parse)
            .toList();

    private SpecialPurposePrefixes() {}

    /**
     * Whether a host on the Internet can have this address.
     *
     * @param address of 4 or 16 bytes
     */
    public static boolean isGlobal(byte[] address) {
        return (address.length == 4 || GLOBAL_UNICAST.contains(address))
                && SPECIAL.stream().noneMatch(prefix -> prefix.contains(address));
    }
}
