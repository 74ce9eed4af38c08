package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.handler.codec.Headers;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules for the fields of a request that came in frames, HTTP/2's (RFC 9113 sections 8.2.1 and 8.3.1) or HTTP/3's (RFC 9114 sections
 * 4.2 and 4.3.1), as far as they go beyond the codecs' own. What a codec lets pass could still say two things once it is written as
 * HTTP/1.1.
 */
final class FramedFields {

    private static final AsciiString METHOD = AsciiString.cached(":method");
    private static final AsciiString SCHEME = AsciiString.cached(":scheme");
    private static final AsciiString AUTHORITY = AsciiString.cached(":authority");
    private static final AsciiString PATH = AsciiString.cached(":path");
    private static final AsciiString STATUS = AsciiString.cached(":status");
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final Set<String> OF_A_CONNECTION =
            Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

    private FramedFields() {}

    /** Whether the fields are a request's, or trailers, and are all that they may be. */
    static boolean areClean(Headers<CharSequence, CharSequence, ?> headers) {
        if (headers.contains(STATUS)) {
            return false;
        }
        CharSequence method = headers.get(METHOD);
        if (method == null) {
            // trailers
            return linesAreClean(headers);
        }
        CharSequence scheme = headers.get(SCHEME);
        CharSequence authority = headers.get(AUTHORITY);
        CharSequence host = headers.get(HOST);
        return isToken(method)
                && isPath(headers.get(PATH))
                && scheme != null
                && AsciiString.contentEquals("https", scheme)
                && (authority != null || host != null)
                && (authority == null || HostField.normalise(authority.toString()) != null)
                && (authority == null || host == null || AsciiString.contentEqualsIgnoreCase(authority, host))
                && headers.getAll(HOST).size() <= 1
                && linesAreClean(headers);
    }

    /**
     * A request of {@linkplain #areClean clean} fields as HTTP/1.1 would say it.
     *
     * @param last whether nothing follows
     */
    static RequestHead head(Headers<CharSequence, CharSequence, ?> headers, boolean last) {
        HeaderFields.Builder fields = HeaderFields.builder();
        CharSequence authority = headers.get(AUTHORITY);
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
                // comes in pieces (RFC 9113 section 8.2.3, RFC 9114 section 4.2.1)
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
                text(headers, METHOD), text(headers, PATH), HttpVersion.HTTP_1_1, fields.build(), "https", !last);
    }

    /** Whether the client waits to be asked for content (RFC 9110 section 10.1.1). */
    static boolean expectsContinue(RequestHead head) {
        return "100-continue".equalsIgnoreCase(head.fields().first("expect"));
    }

    private static String text(Headers<CharSequence, CharSequence, ?> headers, AsciiString name) {
        return Objects.requireNonNull(headers.get(name)).toString();
    }

    private static boolean isPath(@Nullable CharSequence path) {
        return path != null && !path.isEmpty() && (path.charAt(0) == '/' || AsciiString.contentEquals("*", path));
    }

    private static boolean linesAreClean(Headers<CharSequence, CharSequence, ?> headers) {
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            CharSequence name = field.getKey();
            CharSequence value = field.getValue();
            if (!isName(name) || !isClean(value) || isForbidden(name.toString(), value)) {
                return false;
            }
        }
        return true;
    }

    /** RFC 9113 section 8.2.2, RFC 9114 section 4.2: those of a connection are malformed here. */
    private static boolean isForbidden(String name, CharSequence value) {
        return OF_A_CONNECTION.contains(name)
                || (name.equals("te") && !AsciiString.contentEqualsIgnoreCase("trailers", value));
    }

    /** A token in lower case; a pseudo-header field's behind its colon. */
    private static boolean isName(CharSequence name) {
        int start = !name.isEmpty() && name.charAt(0) == ':' ? 1 : 0;
        for (int i = start; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isTokenCharacter(c) || (c >= 'A' && c <= 'Z')) {
                return false;
            }
        }
        return name.length() > start;
    }

    private static boolean isToken(CharSequence method) {
        for (int i = 0; i < method.length(); i++) {
            if (!isTokenCharacter(method.charAt(i))) {
                return false;
            }
        }
        return !method.isEmpty();
    }

    private static boolean isTokenCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /** No control characters but a tab, and no white space around. */
    private static boolean isClean(CharSequence value) {
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
        return true;
    }
}
