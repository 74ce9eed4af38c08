package com.kingcdn.edge.signing;

import java.util.Comparator;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * The nonces of one distribution's tokens that were used at this node, each until its token expires (RFC 9246 section 2.1.7).
 *
 * <p>Bounded, and never forgets one early: what cannot be remembered is refused. Only who holds the keys can fill it.
 */
final class UsedNonces {

    private final Set<String> nonces = new HashSet<>();
    private final PriorityQueue<Used> byExpiry = new PriorityQueue<>(Comparator.comparingLong(Used::expiresMillis));

    private record Used(String nonce, long expiresMillis) {}

    /**
     * Uses a nonce.
     *
     * @param expiresMillis when its token expires: later than now
     * @param most how many are remembered
     * @return valid, replayed or nonces_full
     */
    synchronized SignatureResult use(String nonce, long expiresMillis, long nowMillis, int most) {
        for (Used first = byExpiry.peek();
                first != null && first.expiresMillis() <= nowMillis;
                first = byExpiry.peek()) {
            byExpiry.remove();
            nonces.remove(first.nonce());
        }
        if (nonces.contains(nonce)) {
            return SignatureResult.REPLAYED;
        }
        if (nonces.size() >= most) {
            return SignatureResult.NONCES_FULL;
        }
        nonces.add(nonce);
        byExpiry.add(new Used(nonce, expiresMillis));
        return SignatureResult.VALID;
    }
}
