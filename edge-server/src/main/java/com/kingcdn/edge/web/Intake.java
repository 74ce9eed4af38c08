package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request line and header section come to: a request for the cache, or a refusal. Pure. */
sealed interface Intake {

    /**
     * A request that may be answered.
     *
     * @param contentLength of its content; -1 when chunked, 0 for none
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
    static Intake read(
            HttpMethod method,
            String target,
            HttpVersion version,
            HttpHeaders headers,
            String scheme,
            long contentLimit) {
        HeaderFields.Builder fields = HeaderFields.builder();
        Iterator<Map.Entry<CharSequence, CharSequence>> lines = headers.iteratorCharSequence();
        while (lines.hasNext()) {
            Map.Entry<CharSequence, CharSequence> line = lines.next();
            String name = line.getKey().toString();
            // our HTTP/2 codec's notes on the pseudo-header fields
            if (!name.startsWith("x-http2-")) {
                fields.add(name, line.getValue().toString());
            }
        }
        return read(method, target, version, fields.build(), scheme, contentLimit);
    }

    /** Reads a head whose section has been read. */
    static Intake read(
            HttpMethod method,
            String target,
            HttpVersion version,
            HeaderFields section,
            String scheme,
            long contentLimit) {
        Reader reader = new Reader(section);
        Refusal refusal = reader.check(method, version, contentLimit);
        if (refusal != null) {
            return new Refused(refusal);
        }
        RequestTarget parsed = RequestTarget.parse(target);
        if (parsed == null) {
            return new Refused(Refusal.TARGET);
        }
        String authority = parsed.authority() != null ? parsed.authority() : reader.host;
        HeaderFields fields = reader.hopByHop ? HopByHop.strip(reader.fields) : reader.fields;
        CacheRequest request = new CacheRequest(method.name(), scheme, authority, parsed.pathAndQuery(), fields);
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

        private @Nullable Refusal check(HttpMethod method, HttpVersion version, long contentLimit) {
            if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
                return Refusal.VERSION;
            }
            if (method.equals(HttpMethod.TRACE)) {
                return Refusal.METHOD_NOT_ALLOWED;
            }
            if (method.equals(HttpMethod.CONNECT)) {
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
            if (contentLength != 0 && (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))) {
                return Refusal.UNEXPECTED_CONTENT;
            }
            if (contentLength > contentLimit) {
                return Refusal.CONTENT_TOO_LARGE;
            }
            return expect != null && !expect.equalsIgnoreCase("100-continue") ? Refusal.EXPECTATION : null;
        }
    }
}
