package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Tags;
import com.kingcdn.edge.store.PurgeTable.Purge;
import com.kingcdn.edge.store.PurgeTable.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Compares the table with a list of all purges, each of which is held against the entry. */
@NullMarked
class PurgeTablePropertyTest {

    /** An entry, and how many purges there were when it was stored. */
    record Stored(CacheKey key, Tags tags, int after) {}

    private static final Arbitrary<String> DISTRIBUTIONS = Arbitraries.of("a", "b");
    private static final Arbitrary<@Nullable String> HOSTS =
            Arbitraries.of("one.example", "one.example.", "two.example").injectNull(0.3);
    private static final Arbitrary<String> PATHS = Arbitraries.of(
            "/", "/x", "/x/", "/x/y", "/xy", "//x", "/x//y", "/x/y/z.ts", "/z".repeat(40), "/z".repeat(20));
    private static final Arbitrary<String> TAGS = Arbitraries.of("s", "t", "u");

    @Provide
    Arbitrary<List<PurgeScope>> scopes() {
        Arbitrary<PurgeScope> scope = Arbitraries.oneOf(
                DISTRIBUTIONS.map(PurgeScope::distribution),
                Combinators.combine(DISTRIBUTIONS, HOSTS).as(PurgeScope::host),
                Combinators.combine(DISTRIBUTIONS, HOSTS, PATHS).as(PurgeScope::prefix),
                Combinators.combine(DISTRIBUTIONS.injectNull(0.3), TAGS).as(PurgeScope::tag),
                Combinators.combine(DISTRIBUTIONS, HOSTS, TAGS)
                        .as((distribution, host, tag) -> PurgeScope.group(new CacheKey(distribution, host, "/"), tag)));
        return scope.list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<Stored> entries() {
        Arbitrary<Tags> tags = Combinators.combine(
                        TAGS.list().ofMaxSize(2),
                        TAGS.list().ofMaxSize(2),
                        Arbitraries.frequencyOf(
                                Tuple.of(5, Arbitraries.just(true)), Tuple.of(1, Arbitraries.just(false))))
                .as(Tags::new);
        Arbitrary<String> queries = Arbitraries.of("", "?q", "?a=/x/y");
        Arbitrary<CacheKey> keys = Combinators.combine(DISTRIBUTIONS, HOSTS, PATHS, queries)
                .as((distribution, host, path, query) -> new CacheKey(distribution, host, path + query));
        return Combinators.combine(keys, tags, Arbitraries.integers().between(0, 12))
                .as(Stored::new);
    }

    @Property
    void saysWhatEachPurgeSays(
            @ForAll("scopes") List<PurgeScope> scopes, @ForAll("entries") Stored stored, @ForAll long softness) {
        PurgeTable table = new PurgeTable();
        Verdict expected = Verdict.KEPT;
        long generation = 0;
        for (int i = 0; i < scopes.size(); i++) {
            boolean soft = (softness >> i & 1) == 1;
            if (i == stored.after()) {
                generation = table.current();
            }
            table.purge(scopes.get(i), soft);
            if (i >= stored.after() && covers(scopes.get(i), stored)) {
                expected = soft && expected != Verdict.GONE ? Verdict.STALE : Verdict.GONE;
            }
        }
        if (stored.after() >= scopes.size()) {
            generation = table.current();
        }
        assertThat(table.verdict(stored.key(), stored.tags(), generation)).isEqualTo(expected);

        PurgeTable again = new PurgeTable();
        List<Purge> purges = new ArrayList<>(table.purges());
        purges.forEach(again::apply);
        assertThat(again.verdict(stored.key(), stored.tags(), generation)).isEqualTo(expected);
        assertThat(again.current()).isEqualTo(table.current());

        table.merge();
        assertThat(table.verdict(stored.key(), stored.tags(), generation))
                .as("after a merge nothing is forgotten")
                .isGreaterThanOrEqualTo(expected);
        assertThat(table.size()).isLessThanOrEqualTo(1);
    }

    /** RFC 3986 section 3.3: whole segments. Depth counts up to a limit; what lies deeper goes with it. */
    private static boolean covers(PurgeScope scope, Stored stored) {
        CacheKey key = stored.key();
        boolean here = scope.distribution() == null || scope.distribution().equals(key.distribution());
        boolean host = Objects.equals(PurgeScope.withoutFinalDot(key.host()), scope.host());
        return here
                && switch (scope.kind()) {
                    case EVERYTHING, DISTRIBUTION -> true;
                    case HOST -> host;
                    case PREFIX -> host && isBelow(scope.name(), key.target());
                    case TAG ->
                        !stored.tags().complete()
                                || stored.tags().keys().contains(scope.name())
                                || stored.tags().groups().contains(scope.name());
                    case GROUP ->
                        !stored.tags().complete()
                                || (host && stored.tags().groups().contains(scope.name()));
                };
    }

    private static boolean isBelow(String prefix, String target) {
        String path = target.replaceFirst("\\?.*", "");
        return path.equals(prefix) || path.startsWith(prefix + "/");
    }

    @Example
    void whatWasComparedIsForgotten() {
        PurgeTable table = new PurgeTable();
        table.purge(PurgeScope.tag(null, "old"), false);
        table.purge(PurgeScope.tag(null, "new"), true);
        table.forgetUpTo(1);
        assertThat(table.purges()).containsExactly(new Purge(2, PurgeScope.tag(null, "new"), true));
        table.forgetUpTo(2);
        assertThat(table.size()).isZero();
        assertThat(table.current()).isEqualTo(2);
        Tags tags = new Tags(List.of(), List.of("new"), true);
        assertThat(table.verdict(new CacheKey("a", null, "/"), tags, 0)).isEqualTo(Verdict.KEPT);
    }

    @Example
    void prefixesAreCutAtSegments() {
        assertThat(PurgeScope.prefix("a", "h.example.", "/x/y/"))
                .isEqualTo(PurgeScope.prefix("a", "h.example", "/x/y"));
        assertThat(PurgeScope.prefix("a", "h.example", "/")).isEqualTo(PurgeScope.host("a", "h.example"));
        assertThat(PurgeScope.prefix("a", null, "/")).isEqualTo(PurgeScope.distribution("a"));
        assertThat(PurgeScope.prefix("a", null, "/z".repeat(40)).name()).isEqualTo("/z".repeat(PurgeScope.DEEPEST));
    }
}
