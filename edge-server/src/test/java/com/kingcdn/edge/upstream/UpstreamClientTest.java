package com.kingcdn.edge.upstream;

import static com.kingcdn.edge.upstream.UpstreamSetup.assertKind;
import static com.kingcdn.edge.upstream.UpstreamSetup.request;
import static com.kingcdn.edge.upstream.UpstreamSetup.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One exchange with an origin. */
@Timeout(30)
class UpstreamClientTest {

    private final UpstreamSetup setup = new UpstreamSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    @Test
    void bringsTheResponseWithoutFieldsOfTheConnection() {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x-hop\r\nX-Hop: 1\r\n"
                + "Keep-Alive: timeout=5\r\nETag: \"e\"\r\n\r\nhello");
        UpstreamResponse response = setup.get(origin.endpoint());
        assertThat(response.status()).isEqualTo(200);
        assertThat(text(response)).isEqualTo("hello");
        assertThat(response.fields()).isEqualTo(HeaderFields.of("content-length", "5", "etag", "\"e\""));
        assertThat(origin.heads().get(0))
                .startsWith("GET /a?b=%20c HTTP/1.1\r\nhost: 127.0.0.1:")
                .contains("\r\ncdn-loop: nyc-1\r\n")
                .contains("\r\nx-forwarded-for: 192.0.2.1\r\n")
                .doesNotContainIgnoringCase("user-agent")
                .doesNotContainIgnoringCase("accept");
    }

    /** RFC 9110 section 15.2: a client reads over any number of interim responses. */
    @Test
    void passesInterimResponsesOnAndTakesTheFinalOne() {
        RawOrigin origin = setup.saying("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        for (int i = 0; i < 3; i++) {
            UpstreamRequest plain = request("GET", null, origin.endpoint());
            List<String> interim = new ArrayList<>();
            Downstream listening = new Downstream(
                    "http", null, null, (status, fields) -> interim.add(status + " " + fields.first("link")));
            UpstreamResponse response = setup.client
                    .fetch(new UpstreamRequest(plain.distribution(), "GET", "h", "/", HeaderFields.EMPTY, listening))
                    .block();
            assertThat(response).isNotNull();
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.fields().contains("link")).isFalse();
            assertThat(text(response)).isEqualTo("ok");
            assertThat(interim).containsExactly("102 null", "103 </a>");
        }
    }

    @Test
    void failsWhenTheHeadDoesNotCome() {
        RawOrigin origin = setup.origin((head, in, out) -> in.read() >= 0);
        assertKind(() -> setup.get(origin.endpoint()), Kind.RESPONSE_TIMEOUT);
        assertThat(origin.heads()).as("a slow origin is not asked twice").hasSize(1);
    }

    /** RFC 9112 sections 6.1 and 6.3: what has two lengths ought to be handled as an error. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "NONSENSE\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
            })
    void failsOnWhatIsNotHttp(String response) {
        RawOrigin origin = setup.saying(response);
        assertKind(() -> setup.get(origin.endpoint()), Kind.PROTOCOL);
    }

    @Test
    void doesNotFollowRedirections() {
        RawOrigin origin = setup.saying("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
        assertThat(setup.get(origin.endpoint()).status()).isEqualTo(302);
        assertThat(origin.heads()).hasSize(1);
    }

    @Test
    void refusesALoop() {
        UpstreamRequest plain = request("GET", null, setup.saying("").endpoint());
        UpstreamRequest looped = new UpstreamRequest(
                plain.distribution(), "GET", "h", "/", HeaderFields.of("cdn-loop", "other, nyc-1"), Downstream.NONE);
        assertKind(() -> setup.client.fetch(looped).block(), Kind.LOOP);
    }
}
