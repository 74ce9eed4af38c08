package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
    private long now;
    private RenewedContext context;

    @BeforeEach
    void open() throws Exception {
        write(bundle());
        context = new RenewedContext(List.of(certificate(), key()), this::make, () -> now);
    }

    private SslContext make() throws IOException {
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

    @Test
    void aTrialFindsOutWhetherAKeyIsThatOfItsCertificate() throws Exception {
        TrialHandshake.of(made.get(0));

        Files.writeString(key(), bundle().getPrivateKeyPEM());
        SslContext mismatched = make();
        assertThatThrownBy(() -> TrialHandshake.of(mismatched)).isInstanceOf(IOException.class);
    }

    /** The next connection, when the files are looked at again. */
    private void later() {
        now += Duration.ofSeconds(2).toNanos();
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
