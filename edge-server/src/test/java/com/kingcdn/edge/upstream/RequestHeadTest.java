package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

class RequestHeadTest {

    private static String encode(String path, EndpointClient.Message message) {
        ByteBuf head = RequestHead.encode(UnpooledByteBufAllocator.DEFAULT, path, message);
        String text = head.toString(StandardCharsets.ISO_8859_1);
        head.release();
        return text;
    }

    private static EndpointClient.Message get(String target, HeaderFields fields) {
        return new EndpointClient.Message("GET", target, fields, null, null);
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/, /a, /a",
        "http://h, /a?b=c, /a?b=c",
        "http://h/base/, /a, /base/a",
        "http://h/base, //a, /base//a",
        "http://h/base, *, *"
    })
    void putsTheEndpointsPathBeforeTheTarget(String endpoint, String target, String sent) {
        String path = RequestHead.path(new OriginEndpoint(URI.create(endpoint)));
        assertThat(encode(path, get(target, HeaderFields.EMPTY))).isEqualTo("GET " + sent + " HTTP/1.1\r\n\r\n");
    }

    /** RFC 9112 sections 3 and 5; what is not ASCII goes on as the octets that came. */
    @Test
    void writesLines() {
        HeaderFields fields = HeaderFields.of("host", "h", "x-a", "\u00e4\t\u00ff");
        assertThat(encode("", get("/", fields))).isEqualTo("GET / HTTP/1.1\r\nhost: h\r\nx-a: \u00e4\t\u00ff\r\n\r\n");
        EndpointClient.Message put = new EndpointClient.Message("PUT", "/", fields, Flux.empty(), null);
        assertThat(encode("", put)).endsWith("\r\ntransfer-encoding: chunked\r\n\r\n");
        EndpointClient.Message sized =
                new EndpointClient.Message("PUT", "/", HeaderFields.of("content-length", "1"), Flux.empty(), null);
        assertThat(encode("", sized)).isEqualTo("PUT / HTTP/1.1\r\ncontent-length: 1\r\n\r\n");
    }

    /** Nothing may end a line before its end (RFC 9112 section 11.1). */
    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\rb", "a\0b", "a\u010ab", "a\u007f"})
    void refusesWhatEndsALine(String value) {
        assertThatThrownBy(() -> encode("", get("/", HeaderFields.of("x", value))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encode("", get("/" + value, HeaderFields.EMPTY)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesASpaceInATarget() {
        assertThatThrownBy(() -> encode("", get("/a b", HeaderFields.EMPTY)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
