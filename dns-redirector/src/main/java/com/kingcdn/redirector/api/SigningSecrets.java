package com.kingcdn.redirector.api;

import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.SigningKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shared secrets of signing keys in the JSON of distributions: written and never read. What GET shows instead of a secret can be sent
 * back, and then means the one that is there.
 */
final class SigningSecrets {

    static final String MASK = "***";

    private SigningSecrets() {}

    /** Puts the mask in the place of each secret. */
    static ObjectNode mask(ObjectNode distribution) {
        for (JsonNode key : distribution.path("signing").path("keys")) {
            if (key.has("k") && key instanceof ObjectNode own) {
                own.put("k", MASK);
            }
        }
        return distribution;
    }

    /**
     * Puts the known secrets in the place of masks.
     *
     * @throws UnprocessableException when a key is masked that is not known
     */
    static void reveal(ObjectNode distribution, Optional<Distribution> known) {
        int i = 0;
        for (JsonNode key : distribution.path("signing").path("keys")) {
            if (key instanceof ObjectNode own && MASK.equals(own.path("k").asString(""))) {
                String secret = secret(known, own.path("kid").asString(""));
                if (secret == null) {
                    throw new UnprocessableException(
                            "/signing/keys/" + i + "/k", "there is no secret of this kid to keep: send one");
                }
                own.put("k", secret);
            }
            i++;
        }
    }

    private static @Nullable String secret(Optional<Distribution> known, String kid) {
        return known.map(Distribution::signing)
                .flatMap(signing -> signing.keys().stream()
                        .filter(key -> key.kid().equals(kid))
                        .findFirst())
                .map(SigningKey::k)
                .orElse(null);
    }
}
