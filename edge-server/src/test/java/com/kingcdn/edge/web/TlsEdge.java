package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.tls.TestCertificates;
import com.kingcdn.edge.upstream.RawOrigin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A {@link TestEdge} that speaks TLS, with an origin and a directory of certificates, which a test changes as it likes. */
final class TlsEdge implements AutoCloseable {

    private final Path directory;
    private final CertificateDirectory certificates;
    private final RawOrigin origin;
    private final boolean http3;
    private final TestEdge edge;

    /**
     * Of an origin that answers like this.
     *
     * @param directory an empty one
     * @param names that have certificates
     */
    TlsEdge(Path directory, boolean http3, RawOrigin.Handler answers, String... names) throws BindException {
        this.directory = directory;
        this.http3 = http3;
        for (String name : names) {
            TestCertificates.write(directory, name);
        }
        certificates = CertificateDirectory.open(directory, Duration.ofHours(1), Clock.systemUTC());
        origin = new RawOrigin(answers);
        edge = another();
    }

    /** Of an origin that says the same to everybody, which may be kept. */
    static TlsEdge sayingOk(Path directory, String... names) throws BindException {
        return new TlsEdge(
                directory,
                false,
                (head, in, out) -> {
                    out.write("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok"
                            .getBytes(StandardCharsets.US_ASCII));
                    return true;
                },
                names);
    }

    /** One more edge with the same certificates and origin, which the caller closes. */
    TestEdge another() throws BindException {
        return new TestEdge(
                certificates,
                http3,
                LimitProperties.defaults(),
                TestEdge.distribution(origin.endpoint(), "\"hostHeader\": \"origin\""));
    }

    /** The heads of all requests that its origin has got; to be emptied as a test likes. */
    List<String> asked() {
        return origin.heads();
    }

    int port() {
        return edge.server().tlsPort();
    }

    RawHttp2Client http2() throws IOException {
        return RawHttp2Client.open(port(), TestEdge.HOST);
    }

    Http3Client http3() throws IOException {
        return Http3Client.open(port(), TestEdge.HOST);
    }

    /** Whatever happened before, the next client is served. */
    void assertServes() throws IOException {
        try (RawHttp2Client client = http2()) {
            client.get(1, TestEdge.HOST, "/fine");
            assertThat(client.status(1)).isEqualTo(200);
        }
    }

    ContentServer server() {
        return edge.server();
    }

    /** Writes a certificate of this name, another one each time, and has it read. */
    void certify(String name) {
        TestCertificates.write(directory, name);
        certificates.look();
    }

    /** Takes a certificate away. */
    void withdraw(String name) {
        try {
            Files.delete(directory.resolve(name + ".crt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        certificates.look();
    }

    @Override
    public void close() {
        edge.close();
        origin.close();
        certificates.close();
    }
}
