package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.handler.codec.http.HttpVersion;

/**
 * A request line and header section as they came, whatever version of HTTP brought them.
 *
 * @param target in the form of HTTP/1.1, and with Host among the fields (RFC 9112 section 3.2)
 * @param version HTTP/1.1 for all that came in frames
 * @param contentFollows whether there is content of which no field tells the length, since frames tell its end
 */
record RequestHead(
        String method, String target, HttpVersion version, HeaderFields fields, String scheme, boolean contentFollows) {

    /** The same, of which it is known by now that there is content. */
    RequestHead withContent() {
        return new RequestHead(method, target, version, fields, scheme, true);
    }

    boolean isHead() {
        return method.equals("HEAD");
    }
}
