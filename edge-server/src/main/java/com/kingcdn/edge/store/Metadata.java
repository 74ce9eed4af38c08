package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.policy.ResponseRules;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Tags;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All of an entry but its content, with what a hit needs made beforehand. Immutable, but for a note of what it was compared with. */
final class Metadata implements Lookup {

    /** What the entry's objects take beside its strings, those of one block among them, as a class histogram shows it. */
    private static final int OBJECTS = 1000;

    /** Longer strings are of one entry alone; shorter ones mostly recur, and are shared. */
    private static final int LONGEST_RECURRING = 64;

    private final CacheKey key;
    private final StoredResponse response;
    private final long length;
    private final long generation;
    private final boolean validationRequired;
    private final Tags tags;
    private final HeaderFields fieldsToSend;
    private volatile @Nullable Changed changed;

    /** What a distribution's rules have made of the fields. */
    private record Changed(Distribution by, HeaderFields fields) {}

    /** The latest purge that is known not to change anything here. */
    private volatile long comparedUpTo;

    /**
     * Of a response.
     *
     * @param length of the whole content in octets, or {@link CacheEntry#UNKNOWN_LENGTH}
     * @param generation of the latest purge when the request was sent that brought the response, or last confirmed it
     * @param validationRequired whether it may not be used before upstream has confirmed it
     */
    Metadata(CacheKey key, StoredResponse response, long length, long generation, boolean validationRequired) {
        this.key = key;
        this.response = response;
        this.length = length;
        this.generation = generation;
        this.validationRequired = validationRequired;
        this.tags = Tags.of(response.fields());
        this.fieldsToSend = response.fields().without(name -> isMadeAnew(name) || Tags.isForTheCdn(name));
        this.comparedUpTo = generation;
    }

    /** Another form of the same response under the same key. */
    private Metadata(Metadata same, long length, long generation) {
        this.key = same.key;
        this.response = same.response;
        this.length = length;
        this.generation = generation;
        this.validationRequired = same.validationRequired;
        this.tags = same.tags;
        this.fieldsToSend = same.fieldsToSend;
        this.comparedUpTo = generation;
    }

    private static boolean isMadeAnew(String name) {
        return name.equals("content-length") || name.equals("age") || name.charAt(0) == ':';
    }

    /** The same entry after a request that was sent at this generation has confirmed it. */
    Metadata freshened(StoredResponse updated, long confirmedAt) {
        return new Metadata(key, updated, length, confirmedAt, false);
    }

    Metadata stale() {
        return new Metadata(key, response, length, generation, true);
    }

    Metadata ofGeneration(long value) {
        return value == generation ? this : new Metadata(this, length, value);
    }

    Metadata ofLength(long value) {
        return new Metadata(this, value, generation);
    }

    CacheKey key() {
        return key;
    }

    @Override
    public StoredResponse response() {
        return response;
    }

    @Override
    public boolean variantsStored() {
        return true;
    }

    long length() {
        return length;
    }

    long generation() {
        return generation;
    }

    @Override
    public boolean validationRequired() {
        return validationRequired;
    }

    Tags tags() {
        return tags;
    }

    long comparedUpTo() {
        return comparedUpTo;
    }

    void comparedUpTo(long value) {
        comparedUpTo = value;
    }

    /** For clients: without what only caches of a CDN need. */
    HeaderFields fieldsToSend() {
        return fieldsToSend;
    }

    /** For another cache of a CDN, which has to know the tags. */
    HeaderFields fieldsForTheCdn() {
        return tags.keys().isEmpty() && tags.complete()
                ? fieldsToSend
                : response.fields().without(Metadata::isMadeAnew);
    }

    /** The same as a distribution's rules change them; made once for each configuration, so that a hit has them at hand. */
    HeaderFields fieldsToSend(Distribution distribution) {
        if (!ResponseRules.has(distribution)) {
            return fieldsToSend;
        }
        Changed made = changed;
        if (made == null || !made.by().equals(distribution)) {
            made = new Changed(distribution, ResponseRules.forAll(distribution, fieldsToSend));
            changed = made;
        }
        return made.fields();
    }

    /** Whether parts of it may be fetched later and put together (RFC 9110 section 15.3.7.3). */
    boolean isRefillable() {
        return length != CacheEntry.UNKNOWN_LENGTH
                && response.status() == 200
                // upstream has none of its octets
                && !response.isEncodedHere()
                && response.validators().matchesStrongly(response.validators());
    }

    /** About how many octets of heap it takes. */
    int weight() {
        String host = key.host();
        // the index may keep the key of an entry that this one has replaced
        int weight = OBJECTS + key.target().length() + unshared(key.target()) + (host == null ? 0 : unshared(host));
        HeaderFields fields = response.fields();
        for (int i = 0; i < fields.size(); i++) {
            // two references, a string with its array, and the name as it is written; what is long is there a second
            // time, as it is written
            weight += 64 + fields.value(i).length() + unshared(fields.value(i)) + 2 * unshared(fields.name(i));
        }
        // the variant is of a request, so as long as its client likes
        Variant variant = response.variant();
        for (List<String> texts : List.of(tags.groups(), tags.keys(), variant.names(), variant.values())) {
            for (String text : texts) {
                weight += 56 + text.length();
            }
        }
        return weight;
    }

    private static int unshared(String text) {
        return text.length() > LONGEST_RECURRING ? text.length() : 0;
    }
}
