package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.edge.upstream.ResponseReader.Event;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9112 says of responses, octet by octet and all at once. */
class ResponseReaderTest {

    private final ResponseReader reader = new ResponseReader();
    private final StringBuilder content = new StringBuilder();
    private final StringBuilder interim = new StringBuilder();

    /** A tilde stands for the end of a line. */
    private static ByteBuf octets(String text) {
        return Unpooled.copiedBuffer(text.replace("~", "\r\n"), StandardCharsets.ISO_8859_1);
    }

    /** Reads all of it, so many octets at a time; what is left belongs to nobody. */
    private Event read(String text, int step) {
        reader.begin(false);
        content.setLength(0);
        interim.setLength(0);
        Event last = Event.MORE;
        byte[] all = ByteBufUtil.getBytes(octets(text));
        for (int at = 0; at < all.length && last != Event.END; at += step) {
            ByteBuf in = Unpooled.copiedBuffer(all, at, Math.min(step, all.length - at));
            last = readAll(in);
        }
        return last;
    }

    private Event readAll(ByteBuf in) {
        while (true) {
            Event event = reader.next(in);
            switch (event) {
                case INTERIM ->
                    interim.append(reader.status()).append(reader.fields().size());
                case CONTENT -> {
                    boolean all = reader.takesAll(in);
                    ByteBuf taken = reader.take(in);
                    content.append(taken.toString(StandardCharsets.ISO_8859_1));
                    taken.release();
                    if (all) {
                        return reader.next(Unpooled.EMPTY_BUFFER);
                    }
                }
                case MORE, END -> {
                    in.release();
                    return event;
                }
                case HEAD -> {}
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 50, 1000})
    void readsTheSameHoweverItComes(int step) {
        assertThat(read("HTTP/1.1 200 OK~Content-Length: 5~ETag:\t\"e\" ~~hello", step))
                .isEqualTo(Event.END);
        assertThat(reader.status()).isEqualTo(200);
        assertThat(reader.fields()).isEqualTo(HeaderFields.of("content-length", "5", "etag", "\"e\""));
        assertThat(reader.announced()).isEqualTo(5);
        assertThat(reader.isPersistent()).isTrue();
        assertThat(content).hasToString("hello");

        assertThat(read(
                        "HTTP/1.1 103 Early Hints~Link: </a>~~HTTP/1.1 200 OK~Transfer-Encoding: chunked~~"
                                + "5;a=b~hello~00006  ~ world~0~X-Trailer: 1~~",
                        step))
                .isEqualTo(Event.END);
        assertThat(interim).hasToString("1031");
        assertThat(content).hasToString("hello world");
        assertThat(reader.announced()).isEqualTo(-1);
        assertThat(reader.fields().size()).isZero();
        assertThat(reader.isPersistent()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 200 OK~Content-Length: 0~~ | true",
                "HTTP/1.1 200~Content-Length: 0~~ | true",
                "HTTP/1.1 200 OK~Content-Length: 0~Connection: x, Close~~ | false",
                "HTTP/1.0 200 OK~Content-Length: 0~~ | false",
                "HTTP/1.0 200 OK~Content-Length: 0~Connection: Keep-Alive~~ | true",
                "HTTP/1.0 200 OK~Transfer-Encoding: chunked~Connection: keep-alive~~0~~ | false"
            })
    void knowsWhetherTheConnectionGoesOn(String response, boolean persistent) {
        assertThat(read(response, 1000)).isEqualTo(Event.END);
        assertThat(reader.isPersistent()).isEqualTo(persistent);
    }

    /** RFC 9112 section 6.3, rule 4: it delimits nothing. */
    @Test
    void withACodingNobodyKnowsTheContentEndsWithTheConnection() {
        assertThat(read("HTTP/1.1 200 OK~Transfer-Encoding: rot13~~uryyb", 1000))
                .isEqualTo(Event.MORE);
        assertThat(content).hasToString("uryyb");
        assertThat(reader.fields().size()).isZero();
        assertThat(reader.isPersistent()).isFalse();
        assertThat(reader.endsWithConnection()).isTrue();
    }

    /** RFC 9112 section 6.3. */
    @Test
    void whatHasNoContentEndsWithItsHead() {
        assertThat(read("HTTP/1.1 304 Not Modified~Content-Length: 500~~", 1000))
                .isEqualTo(Event.END);
        assertThat(read("HTTP/1.1 204 No Content~~", 1000)).isEqualTo(Event.END);
        reader.begin(true);
        ByteBuf in = octets("HTTP/1.1 200 OK~Content-Length: 500~~");
        assertThat(reader.next(in)).isEqualTo(Event.HEAD);
        assertThat(reader.next(in)).isEqualTo(Event.END);
        assertThat(reader.announced()).isZero();
        in.release();
    }

    @Test
    void whatHasNoLengthEndsWithTheConnection() {
        assertThat(read("HTTP/1.1 200 OK~~some", 1000)).isEqualTo(Event.MORE);
        assertThat(content).hasToString("some");
        assertThat(reader.endsWithConnection()).isTrue();
        assertThat(reader.isPersistent()).isFalse();
    }

    /** RFC 9110 section 7.6.1, and RFC 9112 sections 5.1 and 5.2. */
    @Test
    void mendsWhatAProxyMayMend() {
        read(
                "HTTP/1.1 200 OK~Connection: close, X-Hop~X-Hop: 1~TE: x~A : b~Long: one~\ttwo~"
                        + "  three ~Content-Length: 0~~",
                1);
        assertThat(reader.fields())
                .isEqualTo(HeaderFields.of("a", "b", "long", "one two three", "content-length", "0"));
    }

    @Test
    void takesNothingBehindTheEnd() {
        reader.begin(false);
        ByteBuf in = octets("HTTP/1.1 200 OK~Transfer-Encoding: chunked~~0~~HTTP/1.1");
        assertThat(reader.next(in)).isEqualTo(Event.HEAD);
        assertThat(reader.next(in)).isEqualTo(Event.END);
        assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1");
        in.release();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NONSENSE~~",
                "~HTTP/1.1 200 OK~~",
                "HTTP/2.0 200 OK~~",
                "HTTP/1.1  200 OK~~",
                "HTTP/1.1 2000 OK~~",
                "HTTP/1.1 099 OK~~",
                "HTTP/1.1 600 OK~~",
                "HTTP/1.1 101 Switching Protocols~~",
                "HTTP/1.1 200 OK\n\n",
                "HTTP/1.1 200 OK~A: b\n~",
                "HTTP/1.1 200 OK~A: b\rc~~",
                "HTTP/1.1 200 OK~A: b\0c~~",
                "HTTP/1.1 200 OK~ A: b~~",
                "HTTP/1.1 200 OK~A b~~",
                "HTTP/1.1 200 OK~: b~~",
                "HTTP/1.1 200 OK~A@: b~~",
                "HTTP/1.1 200 OK~Content-Length: 1~Content-Length: 2~~",
                "HTTP/1.1 200 OK~Content-Length: 1~Content-Length: 1~~",
                "HTTP/1.1 200 OK~Content-Length: 1, 1~~",
                "HTTP/1.1 200 OK~Content-Length: +1~~",
                "HTTP/1.1 200 OK~Content-Length: ~~",
                "HTTP/1.1 200 OK~Content-Length: -1~~",
                "HTTP/1.1 200 OK~Content-Length: 9999999999999999999~~",
                "HTTP/1.1 200 OK~Content-Length: 3~Transfer-Encoding: chunked~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: gzip, chunked~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked, chunked~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: xchunked~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~+5~hello~0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~0x5~hello~0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5\nhello~0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hello0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hello\n0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5 6~hello~0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~ffffffffffffffff~hello~0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5;a\rb~hello~0~~",
                "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~0~nonsense~~"
            })
    void failsOnWhatCouldBeReadInTwoWays(String response) {
        for (int step : new int[] {1, 1000}) {
            assertThatThrownBy(() -> read(response, step))
                    .isInstanceOfSatisfying(
                            UpstreamException.class, e -> assertThat(e.kind()).isEqualTo(Kind.PROTOCOL));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: ", "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5;", "X: 1~"})
    void boundsWhatItKeeps(String begin) {
        String head = begin.startsWith("HTTP") ? begin : "HTTP/1.1 200 OK~" + begin;
        String more = begin.endsWith("~") ? begin.repeat(20_000) : "x".repeat(70_000);
        for (int step : new int[] {100, 100_000}) {
            assertThatThrownBy(() -> read(head + more, step)).isInstanceOf(UpstreamException.class);
        }
    }
}
