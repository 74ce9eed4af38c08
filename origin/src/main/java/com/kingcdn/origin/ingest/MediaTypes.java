package com.kingcdn.origin.ingest;

import com.kingcdn.origin.content.ContentPath;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;

/** The choice of a piece of content's media type: what the upload says, else what the path's suffix suggests. */
final class MediaTypes {

    /** What streaming needs and Spring's table lacks, or takes for something else. */
    private static final Map<String, String> STREAMING = Map.of(
            "m3u8", "application/vnd.apple.mpegurl",
            "mpd", "application/dash+xml",
            "m4s", "video/iso.segment",
            "m4v", "video/mp4",
            "cmfv", "video/mp4",
            "cmfa", "audio/mp4",
            "ts", "video/mp2t",
            "vtt", "text/vtt");

    private MediaTypes() {}

    /**
     * @param sent value of the Content-Type field, or null
     * @throws IllegalArgumentException when it is no media type
     */
    static String choose(@Nullable String sent, ContentPath path) {
        if (sent != null) {
            // parsed to refuse what is no media type, and written anew without white space that means nothing
            return MediaType.parseMediaType(sent).toString();
        }
        String name = path.value();
        int dot = name.lastIndexOf('.');
        String suffix =
                dot < name.lastIndexOf('/') ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
        String streaming = STREAMING.get(suffix);
        return streaming != null
                ? streaming
                : MediaTypeFactory.getMediaType(name)
                        .orElse(MediaType.APPLICATION_OCTET_STREAM)
                        .toString();
    }
}
