package com.kingcdn.edge.web;

import java.nio.charset.StandardCharsets;

/**
 * A problem detail (RFC 9457): what the edge says when it answers by itself. Made of constants and numbers only, so nothing of a request
 * is ever echoed.
 */
final class Problem {

    static final String MEDIA_TYPE = "application/problem+json";

    private Problem() {}

    static byte[] json(int status, String detail) {
        return ("{\"type\":\"about:blank\",\"title\":\""
                        + escape(ReasonPhrase.of(status)) + "\",\"status\":" + status
                        + ",\"detail\":\"" + escape(detail) + "\"}\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
