package com.kingcdn.edge.web;

import io.netty.handler.codec.http.HttpResponseStatus;

/** What a status code is called: Netty's word, or the IANA registry's where Netty has none. */
final class ReasonPhrase {

    private ReasonPhrase() {}

    static String of(int status) {
        return switch (status) {
            case 451 -> "Unavailable For Legal Reasons";
            case 508 -> "Loop Detected";
            default -> HttpResponseStatus.valueOf(status).reasonPhrase();
        };
    }
}
