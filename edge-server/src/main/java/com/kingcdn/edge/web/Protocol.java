package com.kingcdn.edge.web;

/** A version of HTTP as clients speak it; named as ALPN does (RFC 7301), also in metrics and the access log. */
enum Protocol {
    /** HTTP/1.1, and HTTP/1.0. */
    HTTP1("http/1.1"),
    HTTP2("h2"),
    HTTP3("h3");

    private final String label;

    Protocol(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
