package com.kingcdn.redirector.zone;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.HTTPSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.SVCBBase;
import org.xbill.DNS.TextParseException;

/**
 * What edges speak, for the HTTPS records of edge hostnames (RFC 9460).
 *
 * @param alpn protocols such as {@code h2} and {@code h3}, in order of preference; empty when edges have no HTTPS, and then there are no
 *     such records
 * @param port of HTTPS, 1 to 65535
 */
public record EdgeHttps(List<String> alpn, int port) {

    /** No HTTPS records. */
    public static final EdgeHttps NONE = new EdgeHttps(List.of(), 443);

    private static final int DEFAULT_PORT = 443;

    public EdgeHttps {
        alpn = List.copyOf(alpn);
    }

    boolean isNone() {
        return alpn.isEmpty();
    }

    /** In service mode, for the owner itself; hints may be empty. */
    HTTPSRecord record(Name owner, long ttl, List<Inet4Address> ipv4, List<Inet6Address> ipv6) {
        List<SVCBBase.ParameterBase> parameters = new ArrayList<>();
        try {
            parameters.add(new SVCBBase.ParameterAlpn(alpn));
        } catch (TextParseException e) {
            throw new IllegalStateException("protocol names were checked when configured", e);
        }
        if (port != DEFAULT_PORT) {
            parameters.add(new SVCBBase.ParameterPort(port));
        }
        if (!ipv4.isEmpty()) {
            parameters.add(new SVCBBase.ParameterIpv4Hint(ipv4));
        }
        if (!ipv6.isEmpty()) {
            parameters.add(new SVCBBase.ParameterIpv6Hint(ipv6));
        }
        return new HTTPSRecord(owner, DClass.IN, ttl, 1, Name.root, parameters);
    }
}
