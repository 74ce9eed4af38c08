package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 9110 section 7.6.1. */
class HopByHopTest {

    @Test
    void dropsTheFieldsOfTheConnectionAndThoseItNames() {
        HeaderFields fields = HeaderFields.of(
                "Connection",
                "close, A",
                "Connection",
                "b",
                "A",
                "1",
                "B",
                "2",
                "C",
                "3",
                "Keep-Alive",
                "timeout=5",
                "Transfer-Encoding",
                "chunked",
                "TE",
                "trailers",
                "Upgrade",
                "h2c",
                "Proxy-Connection",
                "keep-alive");
        assertThat(HopByHop.strip(fields)).isEqualTo(HeaderFields.of("c", "3"));
    }

    @Test
    void keepsAllOthersInOrder() {
        HeaderFields fields = HeaderFields.of("Set-Cookie", "a=b", "Date", "x", "Set-Cookie", "c=d");
        assertThat(HopByHop.strip(fields)).isEqualTo(fields);
    }
}
