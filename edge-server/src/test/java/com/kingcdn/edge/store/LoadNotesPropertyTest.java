package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.store.PurgeTable.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Compares the notes with a map from keys to the strictest purge. */
class LoadNotesPropertyTest {

    private static final int MOST = 8;

    record Purge(int key, boolean soft) {}

    @Provide
    Arbitrary<List<Purge>> purges() {
        return Combinators.combine(Arbitraries.integers().between(0, 11), Arbitraries.of(true, false))
                .as(Purge::new)
                .list()
                .ofMaxSize(30);
    }

    private static CacheKey key(int number) {
        return new CacheKey("a1105", number % 2 == 0 ? null : "video.netcinema.example", "/" + number);
    }

    /** Of each three keys one is that of all. */
    private static CacheKey canonical(CacheKey key) {
        int number = Integer.parseInt(key.target().substring(1));
        return key(number - number % 3);
    }

    @Property
    void eachEntryMeetsTheStrictestPurgeOfItsKeyOrOfOneThatMeansTheSame(
            @ForAll("purges") List<Purge> purges, @ForAll @IntRange(min = 0, max = 30) int known) {
        LoadNotes notes = new LoadNotes(MOST);
        Map<CacheKey, Verdict> model = new HashMap<>();
        boolean overflown = false;
        for (int i = 0; i < purges.size(); i++) {
            if (i == known) {
                notes.canonicalize(LoadNotesPropertyTest::canonical);
                Map.copyOf(model).forEach((key, verdict) -> put(model, canonical(key), verdict));
            }
            Purge purge = purges.get(i);
            CacheKey key = key(purge.key);
            if (purge.soft) {
                notes.markedStale(key);
            } else {
                notes.removed(key);
            }
            put(model, key, purge.soft ? Verdict.STALE : Verdict.GONE);
            long different = purges.subList(0, i + 1).stream()
                    .mapToInt(Purge::key)
                    .distinct()
                    .count();
            overflown |= different > MOST;
        }
        assertThat(notes.isEmpty()).isEqualTo(purges.isEmpty());
        for (int number = 0; number < 12; number++) {
            Verdict expected = overflown ? Verdict.GONE : model.getOrDefault(key(number), Verdict.KEPT);
            assertThat(notes.verdict(key(number).digest())).isEqualTo(expected);
        }
    }

    private static void put(Map<CacheKey, Verdict> model, CacheKey key, Verdict verdict) {
        model.merge(key, verdict, (one, other) -> one == Verdict.GONE ? one : other);
    }
}
