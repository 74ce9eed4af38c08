package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** What a request line and header section come to: a request for the cache, or a refusal. Pure. */
sealed interface Intake {

    /**
     * A request that may be answered.
     *
     * @param contentLength of its content; -1 when only its end will tell, 0 for none
     */
    record Accepted(CacheRequest request, long contentLength) implements Intake {

        /** This with another request, which has the same content. */
        Accepted with(CacheRequest other) {
            return new Accepted(other, contentLength);
        }
    }

    /** A request that may not. */
    record Refused(Refusal refusal) implements Intake {}

    /**
     * Reads a head that the codec has let pass.
     *
     * @param contentLimit bytes of content at most
     */
    static Intake read(RequestHead head, long contentLimit) {
        Reader reader = new Reader(head.fields());
        Refusal refusal = reader.check(head, contentLimit);
        if (refusal != null) {
            return new Refused(refusal);
        }
        RequestTarget parsed = RequestTarget.parse(head.target());
        if (parsed == null) {
            return new Refused(Refusal.TARGET);
        }
        HeaderFields fields = reader.hopByHop ? HopByHop.strip(reader.fields) : reader.fields;
        CacheRequest request =
                new CacheRequest(head.method(), head.scheme(), reader.host, parsed.pathAndQuery(), fields);
        if (parsed.authority() != null && !request.host().equals(CacheRequest.host(parsed.authority()))) {
            // a cache and an origin that listen to different ones could be played off against each other
            return new Refused(Refusal.HOST);
        }
        return new Accepted(request, reader.contentLength);
    }

    /** One pass over the header section. */
    final class Reader {

        private final HeaderFields fields;
        private String host = "";
        private int hosts;
        private long contentLength;
        private boolean hopByHop;
        private @Nullable String transferEncoding;
        private @Nullable String expect;

        private Reader(HeaderFields section) {
            fields = section;
            for (int i = 0; i < fields.size(); i++) {
                note(fields.name(i), fields.value(i));
            }
        }

        private void note(String name, String value) {
            switch (name) {
                case "host" -> {
                    hosts++;
                    String normal = HostField.normalise(value);
                    host = normal == null ? "" : normal;
                }
                case "content-length" -> contentLength = Long.parseUnsignedLong(value);
                case "transfer-encoding" -> {
                    transferEncoding = transferEncoding == null ? value : transferEncoding + ", " + value;
                    hopByHop = true;
                }
                case "expect" -> expect = value;
                case "connection",
                        "te",
                        "upgrade",
                        "keep-alive",
                        "proxy-connection",
                        "proxy-authorization",
                        "trailer",
                        "http2-settings" -> hopByHop = true;
                default -> {}
            }
        }

        private @Nullable Refusal check(RequestHead head, long contentLimit) {
            HttpVersion version = head.version();
            if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
                return Refusal.VERSION;
            }
            if (head.method().equals("TRACE")) {
                return Refusal.METHOD_NOT_ALLOWED;
            }
            if (head.method().equals("CONNECT")) {
                return Refusal.METHOD_NOT_IMPLEMENTED;
            }
            if (hosts != 1 || host.isEmpty()) {
                return Refusal.HOST;
            }
            if (transferEncoding != null) {
                if (version.equals(HttpVersion.HTTP_1_0) || contentLength > 0) {
                    return Refusal.FRAMING;
                }
                if (!transferEncoding.equalsIgnoreCase("chunked")) {
                    return Refusal.TRANSFER_CODING;
                }
                contentLength = -1;
            }
            if (head.contentFollows() && contentLength == 0) {
                contentLength = -1;
            }
            if (contentLength != 0 && (head.method().equals("GET") || head.isHead())) {
                return Refusal.UNEXPECTED_CONTENT;
            }
            if (contentLength > contentLimit) {
                return Refusal.CONTENT_TOO_LARGE;
            }
            return expect != null && !expect.equalsIgnoreCase("100-continue") ? Refusal.EXPECTATION : null;
        }
    }
}
