package com.kingcdn.edge.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files of one host: NAME.crt, NAME.key, and NAME.ocsp where there is one. */
final class KeyPairFiles {

    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private static final long LARGEST = 1 << 20;

    private final Path certificate;
    private final Path key;
    private final Path ocsp;

    KeyPairFiles(Path directory, String fileName) {
        certificate = directory.resolve(fileName + ".crt");
        key = directory.resolve(fileName + ".key");
        ocsp = directory.resolve(fileName + ".ocsp");
    }

    /** What the files hold. */
    static final class Loaded {

        private final PrivateKey key;
        private final X509Certificate[] chain;
        private final byte @Nullable [] ocsp;

        private Loaded(PrivateKey key, X509Certificate[] chain, byte @Nullable [] ocsp) {
            this.key = key;
            this.chain = chain;
            this.ocsp = ocsp;
        }

        PrivateKey key() {
            return key;
        }

        /** The host's certificate first. */
        X509Certificate[] chain() {
            return chain;
        }

        /** An OCSP response in DER, or null. */
        byte @Nullable [] ocsp() {
            return ocsp;
        }
    }

    /** Changes whenever one of the files does. */
    List<String> stamp() {
        return Stream.of(certificate, key, ocsp).map(KeyPairFiles::stamp).toList();
    }

    private static String stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException absent) {
            return "";
        }
    }

    /** Reads and checks them. */
    Loaded read() throws BrokenCertificateException {
        X509Certificate[] chain = chain(bytes(certificate));
        PrivateKey privateKey = privateKey(bytes(key), chain[0].getPublicKey());
        checkPair(privateKey, chain[0].getPublicKey());
        return new Loaded(privateKey, chain, Files.exists(ocsp) ? bytes(ocsp) : null);
    }

    private static byte[] bytes(Path file) throws BrokenCertificateException {
        try {
            if (Files.size(file) > LARGEST) {
                throw new BrokenCertificateException(file + " is larger than " + LARGEST + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new BrokenCertificateException("cannot read " + file + ": " + e, e);
        }
    }

    private X509Certificate[] chain(byte[] pem) throws BrokenCertificateException {
        try {
            X509Certificate[] chain =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                            .map(X509Certificate.class::cast)
                            .toArray(X509Certificate[]::new);
            if (chain.length == 0) {
                throw new BrokenCertificateException(certificate + " has no certificate in it");
            }
            return chain;
        } catch (CertificateException e) {
            throw new BrokenCertificateException(certificate + " is no PEM chain of certificates", e);
        }
    }

    private PrivateKey privateKey(byte[] pem, PublicKey publicKey) throws BrokenCertificateException {
        Matcher matcher = PKCS8.matcher(new String(pem, StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new BrokenCertificateException(
                    key + " is no unencrypted PKCS #8 key in PEM (-----BEGIN PRIVATE KEY-----)");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(matcher.group(1));
            return KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // what is wrong with it may say what it is: no cause
            throw new BrokenCertificateException(
                    key + " is no " + publicKey.getAlgorithm() + " key, as the certificate's");
        }
    }

    /** TLS libraries find out at the first handshake, or never. */
    private void checkPair(PrivateKey privateKey, PublicKey publicKey) throws BrokenCertificateException {
        String algorithm =
                switch (publicKey.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> publicKey.getAlgorithm();
                };
        byte[] text = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(privateKey);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(text);
            if (signature.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new BrokenCertificateException(key + " cannot sign: " + e.getMessage());
        }
        throw new BrokenCertificateException(key + " is not the key of " + certificate);
    }
}
