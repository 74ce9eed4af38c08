package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.kingcdn.topology.IpPrefix;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One address that edges probe.
 *
 * @param address an IP address, as a literal
 * @param prefix for which it stands: what is measured is reported for that one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ProbeTarget(String address, IpPrefix prefix) {

    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;
    private static final int ANSWERED_IPV4 = 24;
    private static final int ANSWERED_IPV6 = 48;

    public ProbeTarget(String address, @Nullable IpPrefix prefix) {
        IpPrefix host = IpPrefix.parse(Objects.requireNonNull(address, "a probe target needs an address"));
        if (host.length() != (host.isIpv4() ? IPV4_BITS : IPV6_BITS)) {
            throw new IllegalArgumentException("'" + address + "' is a prefix, not the address of a probe target");
        }
        this.address = host.toString().substring(0, host.toString().indexOf('/'));
        this.prefix =
                prefix == null ? IpPrefix.of(host.address(), host.isIpv4() ? ANSWERED_IPV4 : ANSWERED_IPV6) : prefix;
        if (this.prefix.isIpv4() != host.isIpv4()) {
            throw new IllegalArgumentException("'" + address + "' and " + prefix + " are of two address families");
        }
    }

    /** The target at an address of 4 or 16 bytes; of the /24 or /48 around it when the prefix is null. */
    public static ProbeTarget of(byte[] address, @Nullable IpPrefix prefix) {
        String host = IpPrefix.of(address, address.length * Byte.SIZE).toString();
        return new ProbeTarget(host.substring(0, host.indexOf('/')), prefix);
    }

    /** The 4 or 16 bytes of the address. */
    public byte[] bytes() {
        return IpPrefix.parse(address).address();
    }
}
