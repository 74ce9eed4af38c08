package com.kingcdn.edge.signing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** RFC 9246 section 2.1.7. */
class UsedNoncesPropertyTest {

    /** As a list of all that was ever used would answer, of which what has expired does not count. */
    @Property
    void neverTakesANonceTwiceAndNeverHoldsMoreThanItMay(
            @ForAll @Size(max = 60) List<@IntRange(max = 499) Integer> uses,
            @ForAll @IntRange(min = 1, max = 5) int most) {
        UsedNonces nonces = new UsedNonces();
        Map<String, Long> known = new HashMap<>();
        long now = 0;
        for (int use : uses) {
            now += use % 5;
            String nonce = "n" + use / 5 % 10;
            long expires = now + 1 + use / 50;
            long present = now;
            known.values().removeIf(expiry -> expiry <= present);
            SignatureResult expected = known.containsKey(nonce)
                    ? SignatureResult.REPLAYED
                    : known.size() < most ? SignatureResult.VALID : SignatureResult.NONCES_FULL;
            assertThat(nonces.use(nonce, expires, now, most)).isEqualTo(expected);
            if (expected == SignatureResult.VALID) {
                known.put(nonce, expires);
            }
        }
    }
}
