package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.Locale;
import java.util.Set;

/** Whether content gets smaller by coding it, and may be coded (RFC 9110 section 7.7). */
public final class Compressible {

    private static final Set<String> TYPES = Set.of(
            "application/dash+xml",
            "application/javascript",
            "application/json",
            "application/manifest+json",
            "application/vnd.apple.mpegurl",
            "application/wasm",
            "application/x-javascript",
            "application/xml",
            "audio/mpegurl",
            "font/otf",
            "font/ttf",
            "image/bmp",
            "image/svg+xml",
            "image/x-icon");

    private Compressible() {}

    /** Whether a response's fields say that its content is text that is not coded yet, and do not forbid that it is. */
    public static boolean is(HeaderFields fields) {
        String type = fields.first("content-type");
        if (type == null || fields.contains("content-encoding") || fields.contains("content-range")) {
            return false;
        }
        int semicolon = type.indexOf(';');
        String essence =
                (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
        boolean text = (essence.startsWith("text/") && !essence.equals("text/event-stream"))
                || TYPES.contains(essence)
                || essence.endsWith("+json")
                || essence.endsWith("+xml");
        return text && !forbidsTransformation(fields);
    }

    /** RFC 9111 section 5.2.2.6. */
    private static boolean forbidsTransformation(HeaderFields fields) {
        String control = fields.combined("cache-control");
        if (control == null) {
            return false;
        }
        boolean[] found = {false};
        DirectiveList.forEach(control, (name, value) -> found[0] |= name.equals("no-transform"));
        return found[0];
    }
}
