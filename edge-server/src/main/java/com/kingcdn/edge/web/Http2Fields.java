package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules for the fields of an HTTP/2 request that go beyond the codec's own (RFC 9113 sections 8.2.1 and 8.3.1). The codec sees to
 * names, pseudo-header fields and those of a connection; what it lets pass could still say two things once it is written as HTTP/1.1.
 */
final class Http2Fields {

    private Http2Fields() {}

    static boolean areClean(Http2Headers headers) {
        if (headers.status() != null) {
            return false;
        }
        if (headers.method() == null) {
            // trailers
            return valuesAreClean(headers);
        }
        CharSequence authority = headers.authority();
        CharSequence host = headers.get("host");
        return isToken(headers.method())
                && isPath(headers.path())
                && headers.scheme() != null
                && AsciiString.contentEquals("https", headers.scheme())
                && (authority != null || host != null)
                && (authority == null || HostField.normalise(authority.toString()) != null)
                && (authority == null || host == null || AsciiString.contentEqualsIgnoreCase(authority, host))
                && headers.getAll("host").size() <= 1
                && valuesAreClean(headers);
    }

    /**
     * A request of {@linkplain #areClean clean} fields as HTTP/1.1 would say it.
     *
     * @param last whether nothing follows
     */
    static RequestHead head(Http2Headers headers, boolean last) {
        HeaderFields.Builder fields = HeaderFields.builder();
        CharSequence authority = headers.authority();
        StringBuilder cookie = null;
        if (authority != null) {
            fields.add("host", authority.toString());
        }
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            String name = field.getKey().toString();
            if (name.startsWith(":") || (authority != null && name.equals("host"))) {
                continue;
            }
            String value = field.getValue().toString();
            if (name.equals("cookie")) {
                // comes in pieces (RFC 9113 section 8.2.3)
                cookie = cookie == null
                        ? new StringBuilder(value)
                        : cookie.append("; ").append(value);
            } else {
                fields.add(name, value);
            }
        }
        if (cookie != null) {
            fields.add("cookie", cookie.toString());
        }
        return new RequestHead(
                headers.method().toString(),
                headers.path().toString(),
                HttpVersion.HTTP_1_1,
                fields.build(),
                "https",
                !last);
    }

    private static boolean isPath(@Nullable CharSequence path) {
        return path != null && !path.isEmpty() && (path.charAt(0) == '/' || AsciiString.contentEquals("*", path));
    }

    private static boolean isToken(CharSequence method) {
        for (int i = 0; i < method.length(); i++) {
            char c = method.charAt(i);
            if (!(c >= 'A' && c <= 'Z')
                    && !(c >= 'a' && c <= 'z')
                    && !(c >= '0' && c <= '9')
                    && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !method.isEmpty();
    }

    /** No control characters but a tab, and no white space around. */
    private static boolean valuesAreClean(Http2Headers headers) {
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            CharSequence value = field.getValue();
            int length = value.length();
            if (length > 0 && (value.charAt(0) <= ' ' || value.charAt(length - 1) <= ' ')) {
                return false;
            }
            for (int i = 0; i < length; i++) {
                char c = value.charAt(i);
                if ((c < ' ' && c != '\t') || c == 0x7f) {
                    return false;
                }
            }
        }
        return true;
    }
}
