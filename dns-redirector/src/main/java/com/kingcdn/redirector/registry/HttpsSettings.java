package com.kingcdn.redirector.registry;

import java.util.List;

/**
 * What HTTPS records of edge hostnames say (RFC 9460).
 *
 * @param alpn protocols in order of preference; no HTTPS records when empty
 * @param port of HTTPS at all edges, 1 to 65535
 */
public record HttpsSettings(List<String> alpn, int port) {

    /** No HTTPS records. */
    public static final HttpsSettings NONE = new HttpsSettings(List.of(), 443);

    public HttpsSettings {
        alpn = List.copyOf(alpn);
    }
}
