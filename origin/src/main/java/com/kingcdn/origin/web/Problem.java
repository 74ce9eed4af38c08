package com.kingcdn.origin.web;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * A problem detail (RFC 9457). The details are this package's own sentences, which hold nothing of the request and nothing that JSON
 * would have to escape.
 */
record Problem(int status, String detail) {

    static final String MEDIA_TYPE = "application/problem+json";

    String json() {
        String title = HttpResponseStatus.valueOf(status).reasonPhrase();
        String escaped = detail.replace("\\", "\\\\").replace("\"", "\\\"");
        return "{\"type\":\"about:blank\",\"title\":\"" + title + "\",\"status\":" + status + ",\"detail\":\"" + escaped
                + "\"}\n";
    }
}
