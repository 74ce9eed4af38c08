package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The admissions of all requests under way whose responses may be stored. Safe for all threads. */
final class Admissions {

    private final Purges purges;
    private final Set<Admission> underWay = ConcurrentHashMap.newKeySet();

    Admissions(Purges purges) {
        this.purges = purges;
    }

    Admission begin(CacheKey key) {
        Admission admission = new Admission(key);
        underWay.add(admission);
        // in this order: purges from before it are kept as long as it is there
        admission.generation(purges.generation());
        return admission;
    }

    /** Another one for the same request: what was purged since it was sent stays purged. */
    Admission renew(Admission revoked) {
        Admission admission = new Admission(revoked.key());
        admission.generation(revoked.generation());
        underWay.add(admission);
        return admission;
    }

    void end(Admission admission) {
        underWay.remove(admission);
    }

    /** Nothing that is on its way for this key may be stored. */
    void revoke(CacheKey key) {
        for (Admission admission : underWay) {
            if (admission.key().equals(key)) {
                admission.revoke();
            }
        }
    }

    /** The generation of the oldest one. */
    long oldestGeneration() {
        return underWay.stream().mapToLong(Admission::generation).min().orElse(Long.MAX_VALUE);
    }
}
