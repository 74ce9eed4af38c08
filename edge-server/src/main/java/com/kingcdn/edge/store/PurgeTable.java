package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Tags;
import com.kingcdn.edge.store.PurgeScope.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The latest purge of each scope, by number.
 *
 * <p>Purges are numbered by <em>generation</em>, and each entry knows the generation at which the request for it was sent: a purge of
 * one of its scopes with a higher number is about it. So a purge is one write into this table, whatever is stored, and is true for all
 * entries at once; each finds out when it is next looked at. What is not about an entry costs it one look per purge, not one per hit,
 * as it remembers up to which generation it has been compared.
 *
 * <p>Safe for all threads. Readers take no lock.
 */
final class PurgeTable {

    /** What purges say about an entry. */
    enum Verdict {
        /** None is about it. */
        KEPT,
        /** A soft one is: it has to be validated before it is used. */
        STALE,
        /** A hard one is. */
        GONE
    }

    /**
     * The latest purges of a scope; 0 for none.
     *
     * @param hard generation of the latest hard one
     * @param soft generation of the latest soft one
     */
    record Latest(long hard, long soft) {

        static Latest of(long generation, boolean soft) {
            return soft ? new Latest(0, generation) : new Latest(generation, 0);
        }

        Latest and(Latest other) {
            return new Latest(Math.max(hard, other.hard), Math.max(soft, other.soft));
        }

        long newest() {
            return Math.max(hard, soft);
        }
    }

    /** One purge, as the log keeps it. */
    record Purge(long generation, PurgeScope scope, boolean soft) {}

    private final Map<PurgeScope, Latest> latest = new ConcurrentHashMap<>();

    /** How many scopes of each kind there are, so that nobody looks for what cannot be there. */
    private final Map<Kind, AtomicInteger> counts = new EnumMap<>(Kind.class);

    private volatile long current;

    PurgeTable() {
        for (Kind kind : Kind.values()) {
            counts.put(kind, new AtomicInteger());
        }
    }

    /** The number of the latest purge. */
    long current() {
        return current;
    }

    /** How many scopes it holds. */
    int size() {
        return latest.size();
    }

    /** Purges a scope, from now on. */
    synchronized Purge purge(PurgeScope scope, boolean soft) {
        Purge purge = new Purge(current + 1, scope, soft);
        apply(purge);
        return purge;
    }

    /** Takes up a purge that was made before. */
    synchronized void apply(Purge purge) {
        put(purge.scope(), Latest.of(purge.generation(), purge.soft()));
        // last, so that whoever has seen the number sees the purge
        current = Math.max(current, purge.generation());
    }

    /** Numbers no purge lower than this one. */
    synchronized void raise(long generation) {
        current = Math.max(current, generation);
    }

    /** Guarded by this. */
    private void put(PurgeScope scope, Latest purged) {
        Latest before = latest.get(scope);
        latest.put(scope, before == null ? purged : before.and(purged));
        if (before == null) {
            count(scope.kind()).incrementAndGet();
        }
    }

    private AtomicInteger count(Kind kind) {
        AtomicInteger count = counts.get(kind);
        if (count == null) {
            throw new IllegalStateException("no count of " + kind);
        }
        return count;
    }

    private boolean has(Kind kind) {
        return count(kind).get() > 0;
    }

    /** All that the table says, as purges that would make it so. */
    synchronized List<Purge> purges() {
        List<Purge> purges = new ArrayList<>();
        latest.forEach((scope, when) -> {
            if (when.hard() > 0) {
                purges.add(new Purge(when.hard(), scope, false));
            }
            if (when.soft() > 0) {
                purges.add(new Purge(when.soft(), scope, true));
            }
        });
        return purges;
    }

    /** Forgets purges up to this one, which has been compared with every entry from before it. */
    synchronized void forgetUpTo(long generation) {
        latest.forEach((scope, when) -> {
            if (when.newest() <= generation && latest.remove(scope, when)) {
                count(scope.kind()).decrementAndGet();
            }
        });
    }

    /** Makes one purge of everything out of all: too much is forgotten, and nothing too little. */
    synchronized void merge() {
        // first, so that no reader finds neither
        put(PurgeScope.EVERYTHING, latest.values().stream().reduce(new Latest(0, 0), Latest::and));
        latest.forEach((scope, when) -> {
            if (scope.kind() != Kind.EVERYTHING && latest.remove(scope, when)) {
                count(scope.kind()).decrementAndGet();
            }
        });
    }

    /**
     * What purges say about an entry.
     *
     * @param generation at which the request for it was sent
     */
    Verdict verdict(CacheKey key, Tags tags, long generation) {
        Search search = new Search(generation);
        String distribution = key.distribution();
        @Nullable String host = PurgeScope.withoutFinalDot(key.host());
        if (has(Kind.EVERYTHING)) {
            search.look(PurgeScope.EVERYTHING);
        }
        if (has(Kind.DISTRIBUTION)) {
            search.look(PurgeScope.distribution(distribution));
        }
        if (host != null && has(Kind.HOST)) {
            search.look(PurgeScope.host(distribution, host));
        }
        if (has(Kind.PREFIX)) {
            lookForPrefixes(search, distribution, host, key.target());
        }
        if (has(Kind.TAG) && !tags.isEmpty()) {
            lookForTags(search, distribution, tags);
        }
        if (has(Kind.GROUP) && !tags.isEmpty()) {
            if (!tags.complete()) {
                search.lookAtAll(Kind.GROUP, distribution);
            }
            tags.groups().forEach(group -> search.look(new PurgeScope(Kind.GROUP, distribution, host, group)));
        }
        return search.verdict;
    }

    private static void lookForPrefixes(Search search, String distribution, @Nullable String host, String target) {
        int query = target.indexOf('?');
        int pathEnd = query < 0 ? target.length() : query;
        int end = 0;
        for (int depth = 0; depth < PurgeScope.DEEPEST && end < pathEnd; depth++) {
            int next = target.indexOf('/', end + 1);
            end = next < 0 || next > pathEnd ? pathEnd : next;
            search.look(new PurgeScope(Kind.PREFIX, distribution, host, target.substring(0, end)));
        }
    }

    private static void lookForTags(Search search, String distribution, Tags tags) {
        if (!tags.complete()) {
            search.lookAtAll(Kind.TAG, distribution);
        }
        for (List<String> names : List.of(tags.groups(), tags.keys())) {
            for (String tag : names) {
                search.look(PurgeScope.tag(distribution, tag));
                search.look(PurgeScope.tag(null, tag));
            }
        }
    }

    /** Gathers what the purges of an entry's scopes say. */
    private final class Search {

        private final long generation;
        private Verdict verdict = Verdict.KEPT;

        private Search(long generation) {
            this.generation = generation;
        }

        private void look(PurgeScope scope) {
            Latest when = latest.get(scope);
            if (when != null) {
                take(when);
            }
        }

        /** Any purge of this kind, for an entry whose names are not all known. */
        private void lookAtAll(Kind kind, String distribution) {
            latest.forEach((scope, when) -> {
                boolean here = scope.distribution() == null || distribution.equals(scope.distribution());
                if (scope.kind() == kind && here) {
                    take(when);
                }
            });
        }

        private void take(Latest when) {
            if (when.hard() > generation) {
                verdict = Verdict.GONE;
            } else if (when.soft() > generation && verdict == Verdict.KEPT) {
                verdict = Verdict.STALE;
            }
        }
    }
}
