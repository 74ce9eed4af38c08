package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.query.Transport;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that are replaced, as cert-manager or certbot do it every few weeks. */
class RenewedContextTest {

    @TempDir
    Path directory;

    private final List<SslContext> made = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Instant due = Instant.MAX;
    private boolean broken;
    private int tries;
    private RenewedContext context;

    @BeforeEach
    void open() throws Exception {
        write(bundle());
        context = new RenewedContext(List.of(certificate(), key()), this::make, Transport.TLS, () -> now);
    }

    private RenewedContext.Made make() throws IOException {
        tries++;
        if (broken) {
            throw new IOException("no room to keep it");
        }
        return new RenewedContext.Made(read(), Instant.ofEpochSecond(1_800_000_000L + made.size()), due);
    }

    private SslContext read() throws IOException {
        try {
            SslContext context = SslContextBuilder.forServer(certificate().toFile(), key().toFile())
                    .build();
            made.add(context);
            return context;
        } catch (IllegalArgumentException e) {
            throw new IOException("no certificate", e);
        }
    }

    @Test
    void aReplacedCertificateIsShownToConnectionsThatComeLater() throws Exception {
        write(bundle());
        connect();
        assertShown(0);

        later();
        assertShown(1);

        later();
        assertThat(made).as("looked at, and read when it is another").hasSize(2);
    }

    @Test
    void aKeyOfAnotherCertificateIsNotTaken_untilTheirTwoBelongTogether() throws Exception {
        X509Bundle renewed = bundle();
        Files.writeString(key(), renewed.getPrivateKeyPEM());
        later();
        assertShown(0);

        Files.writeString(certificate(), renewed.getCertificatePathPEM());
        later();
        assertThat(context.sessionContext()).isSameAs(made.get(2).sessionContext());
    }

    /** Else nothing would tell but the clients, each of which fails. */
    @Test
    void aKeyOfAnotherCertificateIsNoBeginning() throws Exception {
        Files.writeString(key(), bundle().getPrivateKeyPEM());
        assertThatThrownBy(
                        () -> new RenewedContext(List.of(certificate(), key()), this::make, Transport.TLS, () -> now))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(key().toString());
    }

    @Test
    void filesThatAreGoneOrNonsenseLeaveWhatWasThere() throws Exception {
        Files.delete(certificate());
        later();
        assertShown(0);

        Files.writeString(certificate(), "nonsense");
        later();
        assertShown(0);

        write(bundle());
        later();
        assertShown(1);
    }

    /** As one of our own must be: nobody else replaces it, however long the process runs. */
    @Test
    void aCertificateThatIsDueIsMadeAnew_andTriedAgainWhenItCannotBe() throws Exception {
        due = now.plus(Duration.ofDays(335));
        write(bundle());
        later();
        assertShown(1);
        now = due.minusSeconds(10);
        connect();
        assertThat(tries).isEqualTo(2);

        broken = true;
        now = due;
        connect();
        later();
        assertThat(tries).as("not with each connection").isEqualTo(3);
        assertShown(1);

        broken = false;
        now = due.plus(Duration.ofHours(1));
        due = Instant.MAX;
        connect();
        assertShown(2);
        assertThat(CollectorRegistry.defaultRegistry.getSampleValue(
                        "kingcdn_redirector_tls_expiry_timestamp_seconds",
                        new String[] {"transport"},
                        new String[] {"tls"}))
                .isEqualTo(1_800_000_003);
    }

    @Test
    void aTrialFindsOutWhetherAKeyIsThatOfItsCertificate() throws Exception {
        TrialHandshake.of(made.get(0));

        Files.writeString(key(), bundle().getPrivateKeyPEM());
        SslContext mismatched = read();
        assertThatThrownBy(() -> TrialHandshake.of(mismatched)).isInstanceOf(IOException.class);
    }

    /** The next connection, when the files are looked at again. */
    private void later() {
        now = now.plusSeconds(2);
        connect();
    }

    private void connect() {
        context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    }

    private void assertShown(int index) {
        assertThat(context.sessionContext()).isSameAs(made.get(index).sessionContext());
    }

    private Path certificate() {
        return directory.resolve("tls.crt");
    }

    private Path key() {
        return directory.resolve("tls.key");
    }

    private static X509Bundle bundle() throws Exception {
        return new CertificateBuilder()
                .subject("CN=dns.test")
                .setIsCertificateAuthority(true)
                .ecp256()
                .buildSelfSigned();
    }

    private void write(X509Bundle bundle) throws IOException {
        Files.writeString(key(), bundle.getPrivateKeyPEM());
        Files.writeString(certificate(), bundle.getCertificatePathPEM());
    }
}
