package com.kingcdn.edge.signing;

import com.kingcdn.topology.SigningKey;
import com.kingcdn.topology.SigningSettings;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys of one distribution, ready for use; immutable. */
final class KeySet {

    private static final Logger LOG = LoggerFactory.getLogger(KeySet.class);

    /** In the configuration's order. */
    private final Map<String, byte[]> secrets = new LinkedHashMap<>();

    private final Map<String, byte[]> encryption = new HashMap<>();
    private final List<Verifier> verifiers = new ArrayList<>();

    KeySet(SigningSettings settings) {
        for (SigningKey key : settings.keys()) {
            if (key.k() != null) {
                byte[] secret = Base64.getUrlDecoder().decode(key.k());
                (key.encrypts() ? encryption : secrets).put(key.kid(), secret);
            }
            if (!key.encrypts()) {
                Verifier verifier = verifier(key);
                if (verifier != null) {
                    verifiers.add(verifier);
                }
            }
        }
    }

    private record Verifier(String kid, JWSAlgorithm algorithm, JWSVerifier check) {}

    /** A secret that tokens may be renewed with. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Secret(String kid, byte[] octets) {}

    private static @Nullable Verifier verifier(SigningKey key) {
        try {
            return switch (key.kty()) {
                case "oct" ->
                    new Verifier(
                            key.kid(),
                            JWSAlgorithm.HS256,
                            new MACVerifier(Base64.getUrlDecoder().decode(key.k())));
                case "EC" ->
                    new Verifier(
                            key.kid(),
                            JWSAlgorithm.ES256,
                            new ECDSAVerifier(
                                    new ECKey.Builder(Curve.P_256, new Base64URL(key.x()), new Base64URL(key.y()))
                                            .build()));
                default ->
                    new Verifier(
                            key.kid(),
                            JWSAlgorithm.RS256,
                            new RSASSAVerifier(
                                    new RSAKey.Builder(new Base64URL(key.n()), new Base64URL(key.e())).build()));
            };
        } catch (JOSEException | IllegalStateException | IllegalArgumentException e) {
            LOG.error("signing key '{}' cannot be used: {}", key.kid(), e.getMessage());
            return null;
        }
    }

    /** The secret that prefix tokens of this kid are made with, or null. */
    byte @Nullable [] secret(String kid) {
        return secrets.get(kid);
    }

    /** The shared secret of this kid or, when that is none, the first; null when all keys are the public halves of pairs. */
    @Nullable
    Secret renewing(@Nullable String kid) {
        String own = kid != null && secrets.containsKey(kid)
                ? kid
                : secrets.keySet().stream().findFirst().orElse(null);
        byte[] octets = own == null ? null : secrets.get(own);
        return own == null || octets == null ? null : new Secret(own, octets);
    }

    /** The secret that client addresses are encrypted with, or null; without a kid the only one. */
    byte @Nullable [] encryption(@Nullable String kid) {
        if (kid == null) {
            return encryption.size() == 1 ? encryption.values().iterator().next() : null;
        }
        return encryption.get(kid);
    }

    /**
     * Those that may have signed: with the header's kid, or any when it has none, and always of the header's algorithm (RFC 8725 section
     * 3.1).
     */
    List<JWSVerifier> candidates(JWSHeader header) {
        String kid = header.getKeyID();
        return verifiers.stream()
                .filter(known -> known.algorithm().equals(header.getAlgorithm()))
                .filter(known -> kid == null || kid.equals(known.kid()))
                .map(Verifier::check)
                .toList();
    }
}
