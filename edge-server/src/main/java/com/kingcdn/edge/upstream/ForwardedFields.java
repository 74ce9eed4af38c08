package com.kingcdn.edge.upstream;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.OriginEndpoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an intermediary changes in header sections (RFC 9110 section 7.6), pure: fields of one connection go, those of the gateway come.
 *
 * <p>Forwarding fields that a client sent are replaced, not extended: this edge is where clients arrive, and an origin must be able to
 * believe what they say.
 */
public final class ForwardedFields {

    /**
     * Fields by which a proxy that an origin trusts would tell it another client, host, scheme or path. They are in no cache key, so a
     * client that sends them could choose what others get.
     */
    private static final Set<String> REPLACED = Set.of(
            "cf-connecting-ip",
            "client-ip",
            "fastly-client-ip",
            "forwarded",
            "front-end-https",
            "true-client-ip",
            "x-client-ip",
            "x-cluster-client-ip",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-path",
            "x-forwarded-port",
            "x-forwarded-prefix",
            "x-forwarded-proto",
            "x-forwarded-protocol",
            "x-forwarded-scheme",
            "x-forwarded-server",
            "x-forwarded-ssl",
            "x-forwarded-uri",
            "x-host",
            "x-http-host-override",
            "x-original-host",
            "x-original-uri",
            "x-original-url",
            "x-originating-ip",
            "x-real-ip",
            "x-remote-addr",
            "x-remote-ip",
            "x-rewrite-url",
            "x-url-scheme");

    /** Fields that make another method of a request; a cache has looked at the method of GET and HEAD. */
    private static final Set<String> METHOD_OVERRIDES =
            Set.of("x-http-method", "x-http-method-override", "x-method-override");

    private static final Set<String> DROPPED = Set.of("host", "expect", "proxy", PeerSeal.FIELD);

    /** What becomes of a field that came with a request. */
    private enum Fate {
        PASSED,
        DROPPED,
        REPLACED,
        OVERRIDE,
        LENGTH
    }

    private static final Map<String, Fate> FATES = fates();

    private static Map<String, Fate> fates() {
        Map<String, Fate> fates = new HashMap<>();
        DROPPED.forEach(name -> fates.put(name, Fate.DROPPED));
        REPLACED.forEach(name -> fates.put(name, Fate.REPLACED));
        METHOD_OVERRIDES.forEach(name -> fates.put(name, Fate.OVERRIDE));
        fates.put("content-length", Fate.LENGTH);
        return Map.copyOf(fates);
    }

    private final String node;
    private final String via;
    private final ForwardedStyle style;

    /**
     * For one edge.
     *
     * @param node its identifier, a token: the pseudonym in Via and the cdn-id in CDN-Loop
     */
    public ForwardedFields(String node, ForwardedStyle style) {
        this.node = node;
        this.via = "1.1 " + node;
        this.style = style;
    }

    /** Whether the request has come through this edge before (RFC 8586). */
    public boolean loops(HeaderFields fields) {
        return hasPassed(fields, node);
    }

    /** Whether the request has come through that edge. */
    boolean hasPassed(HeaderFields fields, String edge) {
        String seen = fields.combined("cdn-loop");
        if (seen == null) {
            return false;
        }
        for (String member : seen.split(",", -1)) {
            int parameters = member.indexOf(';');
            String id = parameters < 0 ? member : member.substring(0, parameters);
            if (id.strip().equalsIgnoreCase(edge)) {
                return true;
            }
        }
        return false;
    }

    /** The fields that another edge is sent: it finds the distribution by the client's Host, whatever the origin wants to see. */
    HeaderFields towardsPeer(UpstreamRequest request, String seal) {
        HeaderFields.Builder fields = HeaderFields.builder();
        fields.add("host", request.authority());
        pass(fields, request);
        fields.add(PeerSeal.FIELD, seal);
        return fields.build();
    }

    /** The fields that the origin is sent. */
    HeaderFields towards(OriginEndpoint endpoint, UpstreamRequest request) {
        HeaderFields.Builder fields = HeaderFields.builder();
        String own = authority(endpoint);
        boolean clientHost = request.distribution().hostHeader() == HostHeader.CLIENT
                && !request.authority().isEmpty();
        fields.add("host", clientHost ? host(request.authority()) : own);
        pass(fields, request);
        return fields.build();
    }

    private void pass(HeaderFields.Builder fields, UpstreamRequest request) {
        Downstream downstream = request.downstream();
        // what another edge says of its client is true
        boolean told = downstream.peer() != null;
        boolean cacheable = request.method().equals("GET") || request.method().equals("HEAD");
        HeaderFields received = request.fields();
        Set<String> nominated = HopByHop.nominated(received);
        for (int i = 0; i < received.size(); i++) {
            String name = received.name(i);
            boolean passes =
                    switch (FATES.getOrDefault(name, Fate.PASSED)) {
                        case PASSED -> true;
                        case REPLACED -> told;
                        case OVERRIDE -> !cacheable;
                        case LENGTH -> downstream.body() != null;
                        case DROPPED -> false;
                    };
            if (passes && !HopByHop.isOfConnection(name) && !nominated.contains(name)) {
                fields.add(name, received.value(i));
            }
        }
        fields.add("via", via);
        fields.add("cdn-loop", node);
        if (!told) {
            tellClient(fields, downstream, host(request.authority()));
        }
    }

    /** Without its port, which is not in the cache key either: a client could write any there. */
    private static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }

    private void tellClient(HeaderFields.Builder fields, Downstream downstream, String authority) {
        String address = downstream.clientAddress();
        switch (style) {
            case X_FORWARDED -> {
                if (address != null) {
                    fields.add("x-forwarded-for", address);
                }
                if (!authority.isEmpty()) {
                    fields.add("x-forwarded-host", authority);
                }
                fields.add("x-forwarded-proto", downstream.scheme());
            }
            case FORWARDED -> fields.add("forwarded", forwarded(address, authority, downstream.scheme()));
            case NONE -> {}
        }
    }

    /** One element of RFC 7239 section 4; an IPv6 address stands in brackets and quotes. */
    private static String forwarded(@Nullable String address, String authority, String scheme) {
        String by = address == null ? "unknown" : address.indexOf(':') < 0 ? address : "\"[" + address + "]\"";
        String host = authority.isEmpty() ? "" : ";host=\"" + authority + "\"";
        return "for=" + by + host + ";proto=" + scheme;
    }

    /** The endpoint's host, with its port unless it is the scheme's own. */
    static String authority(OriginEndpoint endpoint) {
        int port = endpoint.url().getPort();
        int usual = endpoint.url().getScheme().equals("https") ? 443 : 80;
        return port < 0 || port == usual
                ? endpoint.url().getHost()
                : endpoint.url().getHost() + ":" + port;
    }
}
