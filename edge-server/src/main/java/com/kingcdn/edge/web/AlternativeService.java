package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;

/** What responses over TLS say about HTTP/3 (RFC 7838 section 3): nothing until, and unless, it is there. */
final class AlternativeService {

    private static final int MAX_AGE_SECONDS = 86_400;

    private volatile HeaderFields fields = HeaderFields.EMPTY;

    /** Begins to announce HTTP/3 on this port of the same host. */
    void announce(int port) {
        fields = HeaderFields.of("alt-svc", "h3=\":" + port + "\"; ma=" + MAX_AGE_SECONDS);
    }

    /** Ends what has been announced, for new responses. */
    void withdraw() {
        fields = HeaderFields.EMPTY;
    }

    boolean isAnnounced() {
        return fields.size() > 0;
    }

    /** What a response over TLS gets beside its own fields. */
    HeaderFields fields() {
        return fields;
    }
}
