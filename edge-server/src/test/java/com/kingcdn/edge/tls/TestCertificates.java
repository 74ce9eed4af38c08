package com.kingcdn.edge.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Self-signed certificates as files. */
public final class TestCertificates {

    private TestCertificates() {}

    /** Writes NAME.crt and NAME.key, valid until then. */
    public static X509Bundle write(Path directory, String name, Instant notAfter) {
        try {
            X509Bundle bundle = new CertificateBuilder()
                    .subject("CN=" + name)
                    .algorithm(CertificateBuilder.Algorithm.ecp256)
                    .addSanDnsName(name.equals("default") ? "localhost" : name.replace("_.", "any."))
                    .notBefore(Instant.now().minusSeconds(86_400))
                    .notAfter(notAfter)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
            Files.writeString(directory.resolve(name + ".key"), bundle.getPrivateKeyPEM());
            Files.writeString(directory.resolve(name + ".crt"), bundle.getCertificatePathPEM());
            return bundle;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static X509Bundle write(Path directory, String name) {
        return write(directory, name, Instant.now().plusSeconds(86_400));
    }
}
