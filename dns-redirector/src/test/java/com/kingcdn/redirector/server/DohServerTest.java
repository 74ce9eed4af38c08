package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** DNS over HTTPS, RFC 8484, by the JDK's client which trusts just the certificate in the state directory. */
class DohServerTest {

    private static final String DNS_MESSAGE = "application/dns-message";

    @TempDir
    Path state;

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);
    private final ConnectionLimits limits =
            new ConnectionLimits(ListenerSettings.Tcp.DEFAULT, new TcpKeepalive(Duration.ofSeconds(10)));
    private DohServer server;
    private HttpClient client;

    @BeforeEach
    void open() throws IOException, GeneralSecurityException {
        server =
                DohServer.open(new ListenerSettings.Tls(RunningListeners.LOOPBACK, null, null, state), handler, limits);
        client = HttpClient.newBuilder()
                .sslContext(trusting(state.resolve("doh-certificate.pem")))
                .build();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Of a handshake too, before there is a request. */
    @Test
    void countsTlsRecordsOfWhichAPartHasCome() throws Exception {
        try (Socket socket = new Socket()) {
            socket.connect(server.address());
            byte[] begun = new byte[12_000];
            System.arraycopy(new byte[] {22, 3, 1, 0x3f, (byte) 0xff}, 0, begun, 0, 5);
            socket.getOutputStream().write(begun);
            await().until(() -> limits.unread().held() >= begun.length);
        }
        await("nothing after it").until(() -> limits.unread().held() == 0);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersGet_rfc8484_4_1(HttpClient.Version version) throws Exception {
        HttpResponse<byte[]> response =
                send(get(base64(query("a1105.kingcdn.example.", Type.A))).version(version));
        assertThat(response.version()).isEqualTo(version);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains(DNS_MESSAGE);
        assertThat(response.headers().firstValue("cache-control")).contains("max-age=20");
        assertThat(new Message(response.body()).getSection(Section.ANSWER)).hasSize(4);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersPost_rfc8484_4_1(HttpClient.Version version) throws Exception {
        HttpResponse<byte[]> response =
                send(post(query("static.kingcdn.example.", Type.A), DNS_MESSAGE).version(version));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("cache-control")).contains("max-age=300");
        assertThat(new Message(response.body()).getSection(Section.ANSWER)).hasSize(1);
    }

    @Test
    void limitsCachingOfNegativeAnswersByTheSoa_rfc8484_5_1() throws Exception {
        HttpResponse<byte[]> response = send(get(base64(query("nothing.kingcdn.example.", Type.A))));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(new Message(response.body()).getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(response.headers().firstValue("cache-control")).contains("max-age=60");
    }

    @Test
    void answersWithoutTruncation() throws Exception {
        Message answer = new Message(
                send(post(query("big.kingcdn.example.", Type.TXT), DNS_MESSAGE)).body());
        assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
    }

    @Test
    void anUpdateIsNoQueryHere() throws Exception {
        byte[] update = query("kingcdn.example.", Type.SOA);
        update[2] |= (byte) (5 << 3);
        HttpResponse<byte[]> response = send(post(update, DNS_MESSAGE));
        assertThat(new Message(response.body()).getRcode()).isEqualTo(Rcode.NOTIMP);
    }

    /** A body that does not end is cut once it takes too much together with others. */
    @Test
    void cutsRequestsWhoseBodiesAreUnfinishedOnceTheyAreTooMuch() throws Exception {
        try (Socket socket = trusting(state.resolve("doh-certificate.pem"))
                .getSocketFactory()
                .createSocket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("POST /dns-query HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + DNS_MESSAGE
                                    + "\r\nContent-Length: 50000\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(new byte[40_000]);
            await("a part has come")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> limits.unread().held() == 40_000);
            UnreadMemory.Holder other = () -> {};
            limits.unread().set(other, 32 << 20);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            limits.unread().set(other, 0);
            await("nothing is held")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> limits.unread().held() == 0);
        }
        assertThat(send(get(base64(query("static.kingcdn.example.", Type.A)))).statusCode())
                .isEqualTo(200);
    }

    @Test
    void answersHeadLikeGetWithoutABody_rfc9110_9_3_2() throws Exception {
        HttpResponse<byte[]> response =
                send(get(base64(query("static.kingcdn.example.", Type.A))).method("HEAD", BodyPublishers.noBody()));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("content-length")).isPresent();
    }

    @Test
    void refusesWhatCarriesNoQuery() throws Exception {
        assertRefused(get("not*base64"), 400, "base64url");
        assertRefused(get(""), 400, "no DNS query");
        assertRefused(get("AAAA"), 400, "no DNS query");
        assertRefused(get("AAAA&dns=AAAA"), 400, "exactly one parameter");
        assertRefused(HttpRequest.newBuilder(uri("/dns-query")).GET(), 400, "exactly one parameter");
        assertRefused(HttpRequest.newBuilder(uri("/dns-query")).DELETE(), 405, "use GET or POST");
        assertRefused(HttpRequest.newBuilder(uri("/")).GET(), 404, "/dns-query");
        assertRefused(post(query("static.kingcdn.example.", Type.A), "application/json"), 415, DNS_MESSAGE);
        assertRefused(post(new byte[0], DNS_MESSAGE), 400, "no DNS query");
        assertRefused(post(new byte[70_000], DNS_MESSAGE).version(HttpClient.Version.HTTP_1_1), 413, "65535");
    }

    @Test
    void answersFormatErrorsAsDns_rfc8484_4_2_1() throws Exception {
        byte[] garbage = new byte[40];
        garbage[5] = 9;
        HttpResponse<byte[]> response = send(post(garbage, DNS_MESSAGE));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(new Message(response.body()).getRcode()).isEqualTo(Rcode.FORMERR);
    }

    @Test
    void keepsItsSelfSignedCertificate() throws Exception {
        byte[] before = Files.readAllBytes(state.resolve("doh-certificate.pem"));
        server.close();
        server =
                DohServer.open(new ListenerSettings.Tls(RunningListeners.LOOPBACK, null, null, state), handler, limits);
        assertThat(Files.readAllBytes(state.resolve("doh-certificate.pem"))).isEqualTo(before);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve("doh-private-key.pem"))))
                .isEqualTo("rw-------");
        assertThat(send(get(base64(query("static.kingcdn.example.", Type.A)))).statusCode())
                .isEqualTo(200);
    }

    @Test
    void takesTheOperatorsCertificate_andTheOneThatReplacesIt(@TempDir Path directory) throws Exception {
        Path certificate = directory.resolve("c.pem");
        Path key = directory.resolve("k.pem");
        writeCertificate(certificate, key);
        server.close();
        server = DohServer.open(
                new ListenerSettings.Tls(RunningListeners.LOOPBACK, certificate, key, state), handler, limits);
        client = HttpClient.newBuilder().sslContext(trusting(certificate)).build();
        assertThat(send(get(base64(query("static.kingcdn.example.", Type.A)))).statusCode())
                .isEqualTo(200);

        writeCertificate(certificate, key);
        SSLContext trusting = trusting(certificate);
        await("the certificate that has replaced it")
                .atMost(Duration.ofSeconds(20))
                .ignoreException(SSLHandshakeException.class)
                .until(() -> {
                    client = HttpClient.newBuilder().sslContext(trusting).build();
                    return send(get(base64(query("static.kingcdn.example.", Type.A))))
                                    .statusCode()
                            == 200;
                });
    }

    private static void writeCertificate(Path certificate, Path key) throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=dns.test")
                .addSanIpAddress(InetAddress.getLoopbackAddress())
                .setIsCertificateAuthority(true)
                .rsa2048()
                .buildSelfSigned();
        Files.writeString(certificate, bundle.getCertificatePathPEM());
        Files.writeString(key, bundle.getPrivateKeyPEM());
    }

    @Test
    void saysWhatIsWrongWithACertificate(@TempDir Path directory) throws Exception {
        Path nonsense = Files.writeString(directory.resolve("c.pem"), "nonsense");
        assertRefused(nonsense, nonsense, "cannot use certificate");
        assertRefused(directory.resolve("absent.pem"), nonsense, "absent.pem for DNS over TLS or HTTPS does not exist");
    }

    private void assertRefused(Path certificate, Path key, String message) {
        assertThatThrownBy(() -> DohServer.open(
                        new ListenerSettings.Tls(RunningListeners.LOOPBACK, certificate, key, null), handler, limits))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    private void assertRefused(HttpRequest.Builder request, int status, String detail) throws Exception {
        HttpResponse<byte[]> response = send(request);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(new String(response.body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains(detail);
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofByteArray());
    }

    private HttpRequest.Builder get(String dns) {
        return HttpRequest.newBuilder(uri("/dns-query?dns=" + dns)).header("accept", DNS_MESSAGE);
    }

    private HttpRequest.Builder post(byte[] body, String type) {
        return HttpRequest.newBuilder(uri("/dns-query"))
                .header("content-type", type)
                .POST(BodyPublishers.ofByteArray(body));
    }

    private URI uri(String target) {
        return URI.create("https://127.0.0.1:" + server.address().getPort() + target);
    }

    private static String base64(byte[] query) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(query);
    }

    private static byte[] query(String name, int type) {
        return DnsMessages.query(name, type, 0);
    }

    private static SSLContext trusting(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            Certificate parsed = CertificateFactory.getInstance("X.509").generateCertificate(in);
            trusted.setCertificateEntry("doh", parsed);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
