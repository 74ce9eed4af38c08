package com.kingcdn.origin.web;

import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ContentRange;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The layout of a {@code multipart/byteranges} body (RFC 9110 section 14.6): heads before the parts and one line behind the last.
 *
 * @param boundary 1 to 70 characters that do not occur in the content
 * @param type media type of the content
 * @param completeLength of the content, in bytes
 */
record MultipartByteRanges(List<ByteRange> ranges, String boundary, String type, long completeLength) {

    String contentType() {
        return "multipart/byteranges; boundary=" + boundary;
    }

    /** What stands before part {@code i}. */
    byte[] head(int i) {
        return ascii((i == 0 ? "" : "\r\n") + "--" + boundary + "\r\nContent-Type: " + type + "\r\nContent-Range: "
                + ContentRange.of(ranges.get(i), completeLength) + "\r\n\r\n");
    }

    /** What stands behind the last part. */
    byte[] tail() {
        return ascii("\r\n--" + boundary + "--\r\n");
    }

    /** The length of the whole body. */
    long length() {
        long length = tail().length;
        for (int i = 0; i < ranges.size(); i++) {
            length += head(i).length + ranges.get(i).length();
        }
        return length;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
