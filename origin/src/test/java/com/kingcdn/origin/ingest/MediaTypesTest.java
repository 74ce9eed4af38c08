package com.kingcdn.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.origin.content.ContentPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypesTest {

    @ParameterizedTest
    @CsvSource({
        "/6Y7B23V, application/octet-stream",
        "/a.mp4, video/mp4",
        "/live/a.M3U8, application/vnd.apple.mpegurl",
        "/a.mpd, application/dash+xml",
        "/seg.1.m4s, video/iso.segment",
        "/a.ts, video/mp2t",
        "/ts, application/octet-stream",
        "/index.html, text/html",
        "/a.jpg/b, application/octet-stream"
    })
    void followsTheSuffix(String path, String type) {
        assertThat(MediaTypes.choose(null, new ContentPath(path))).isEqualTo(type);
    }

    @Test
    void whatIsSentCounts() {
        assertThat(MediaTypes.choose("video/mp4; codecs=\"avc1.4d401e\"", new ContentPath("/a.ts")))
                .isEqualTo("video/mp4;codecs=\"avc1.4d401e\"");
    }

    @Test
    void whatIsNoMediaTypeIsRefused() {
        assertThatThrownBy(() -> MediaTypes.choose("video", new ContentPath("/a.ts")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
