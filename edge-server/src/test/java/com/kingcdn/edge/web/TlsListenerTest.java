package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.tls.ServerCertificate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS by SNI, with a certificate for each name, over real sockets. */
@Timeout(60)
class TlsListenerTest {

    @TempDir
    static Path directory;

    private static TlsEdge edge;

    @BeforeAll
    static void start() throws BindException {
        edge = TlsEdge.sayingOk(directory, "default", TestEdge.HOST, "other.example");
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    /** Whatever happened before, the next client is served. */
    @AfterEach
    void aGoodRequestIsStillAnswered() throws IOException {
        edge.assertServes();
    }

    @Test
    void boringSslIsThereWhereWeTest() {
        assertThat(ServerCertificate.isNative()).isTrue();
    }

    @Test
    void showsTheCertificateOfTheNameAndSpeaksBothVersions() throws IOException {
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), "other.example", "http/1.1")) {
            assertThat(client.peer().getSubjectX500Principal().getName()).isEqualTo("CN=other.example");
            assertThat(client.protocol()).isEqualTo("http/1.1");
            assertThat(client.tlsVersion()).isEqualTo("TLSv1.3");
        }
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), null, "http/1.1")) {
            assertThat(client.peer().getSubjectX500Principal().getName()).isEqualTo("CN=default");
        }
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), TestEdge.HOST, "http/1.1")) {
            String request = "GET /a HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n";
            assertThat(client.text(request + "\r\n" + request + "Connection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200")
                    .contains("ok");
            assertThat(edge.asked()).last().asString().contains("x-forwarded-proto: https");
        }
    }

    @Test
    void speaksTls12WithWhoKnowsNoNewer() throws IOException {
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), TestEdge.HOST, "http/1.1", "TLSv1.2")) {
            assertThat(client.tlsVersion()).isEqualTo("TLSv1.2");
            assertThat(client.text("GET /a HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("ok");
        }
    }

    /** RFC 9110 section 15.5.20. */
    @Test
    void aRequestForAnotherNameIsMisdirected() throws IOException {
        try (RawHttp2Client client = RawHttp2Client.open(edge.port(), "other.example")) {
            client.get(1, TestEdge.HOST, "/fine");
            assertThat(client.status(1)).isEqualTo(421);
        }
        String request = "GET /fine HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\nConnection: close\r\n\r\n";
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), "other.example", "http/1.1")) {
            assertThat(client.text(request)).startsWith("HTTP/1.1 421");
        }
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), "other.example", "http/1.1")) {
            assertThat(client.text("GET https://" + TestEdge.HOST + "/fine HTTP/1.1\r\nHost: " + TestEdge.HOST
                            + "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 421");
        }
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), null, "http/1.1")) {
            assertThat(client.text(request)).startsWith("HTTP/1.1 421");
        }
    }

    @Test
    void aCertificateChangesUnderConnections() throws IOException {
        edge.certify("changing.example");
        try (RawHttp2Client before = RawHttp2Client.handshake(edge.port(), "changing.example", "h2")) {
            edge.certify("changing.example");
            try (RawHttp2Client after = RawHttp2Client.handshake(edge.port(), "changing.example", "h2")) {
                assertThat(after.peer()).isNotEqualTo(before.peer());
            }
        } finally {
            edge.withdraw("changing.example");
        }
    }

    /** ADR 29: by then the client has acknowledged our part of the handshake. */
    @Test
    void theSendBufferOfANearClientIsBoundedBehindTheHandshake() {
        await("a handshake that nothing held up").atMost(Duration.ofSeconds(20)).until(() -> {
            try (RawHttp2Client client = edge.http2()) {
                client.get(1, TestEdge.HOST, "/fine");
                assertThat(client.status(1)).isEqualTo(200);
                return edge.server()
                        .connections()
                        .filter(Channel::isActive)
                        .anyMatch(connection -> connection.config().getOption(ChannelOption.SO_SNDBUF) == 256 * 1024);
            }
        });
    }

    /** RFC 6066 section 8; the shortest OCSP response there is: try later. */
    @Test
    void staplesTheOcspResponseThatIsThere() throws IOException {
        byte[] tryLater = {0x30, 3, 0x0a, 1, 3};
        Files.write(directory.resolve("stapled.example.ocsp"), tryLater);
        edge.certify("stapled.example");
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), "stapled.example", "h2")) {
            assertThat(client.stapled()).containsExactly(tryLater);
        }
        try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), TestEdge.HOST, "h2")) {
            assertThat(client.stapled()).isEmpty();
        }
    }

    @Test
    void withoutACertificateThereIsNoHandshake() throws IOException {
        edge.withdraw("default");
        try {
            assertThatThrownBy(() -> RawHttp2Client.handshake(edge.port(), "stranger.example", "h2"))
                    .isInstanceOf(IOException.class);
        } finally {
            edge.certify("default");
        }
    }
}
