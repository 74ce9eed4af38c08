package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

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

    /** What of it is longer than a client's may be; null for nothing. Another edge's has more to say. */
    @Nullable
    Refusal tooLong() {
        if (target.length() > StrictRequestDecoder.TARGET_LIMIT) {
            return Refusal.TARGET_TOO_LONG;
        }
        int octets = 0;
        for (int i = 0; i < fields.size(); i++) {
            octets += fields.name(i).length() + ": ".length() + fields.value(i).length();
        }
        return octets > StrictRequestDecoder.FIELDS_LIMIT ? Refusal.FIELDS_TOO_LARGE : null;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }
}
