package com.kingcdn.edge.signing;

import java.util.Locale;

/** What came of looking at a request's token; also the metric label and the word in the access log. */
public enum SignatureResult {
    VALID,
    /** There is none. */
    MISSING,
    /** There is more than one in the URI, or more cookies of its name than anybody needs. */
    AMBIGUOUS,
    /** It is not what it should look like. */
    MALFORMED,
    /** No key of the distribution has its kid and algorithm. */
    UNKNOWN_KEY,
    /** It was not signed with that key, or changed since. */
    BAD_SIGNATURE,
    EXPIRED,
    NOT_YET_VALID,
    /** It is for other hosts, paths or URIs. */
    WRONG_URI,
    WRONG_AUDIENCE,
    WRONG_CLIENT,
    /** Its nonce has been used. */
    REPLAYED,
    /** No more used nonces can be remembered before some expire. */
    NONCES_FULL,
    /** It demands what this edge does not do. */
    UNSUPPORTED;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
