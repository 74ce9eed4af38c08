package com.kingcdn.edge.policy;

import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a stored response can be purged by beside its URL: the names that its origin has given it. They are compared octet by octet.
 *
 * @param groups from Cache-Groups (RFC 9875 section 2), which responses of one origin share
 * @param keys from Surrogate-Key (separated by spaces) and Cache-Tag (separated by commas)
 * @param complete false when there were more than {@link #MOST}, or one longer than {@link #LONGEST}: such a response counts as having
 *     every tag, since forgetting too much is safe and forgetting too little is not
 */
public record Tags(List<String> groups, List<String> keys, boolean complete) {

    /** The most tags a response can have. RFC 9875 section 2 has every cache take at least 32. */
    public static final int MOST = 256;

    /** The longest tag in octets. */
    public static final int LONGEST = 256;

    /** No tags. */
    public static final Tags NONE = new Tags(List.of(), List.of(), true);

    /** The fields that tags are read from and that no client needs. Cache-Groups is for every cache on the way. */
    private static final FieldNames FIELDS_FOR_THE_CDN = FieldNames.of("surrogate-key", "cache-tag");

    private static final FieldNames FIELDS = FieldNames.of("cache-groups", "cache-tag", "surrogate-key");

    /** Whether a field of this lower-case name is for the CDN's own nodes and not for clients. */
    public static boolean isForTheCdn(String fieldName) {
        return FIELDS_FOR_THE_CDN.contains(fieldName);
    }

    /** The tags in a response's fields. */
    public static Tags of(HeaderFields fields) {
        if (!fields.containsAny(FIELDS)) {
            return NONE;
        }
        List<String> groups = CacheGroups.parse(fields.combined("cache-groups"));
        Set<String> keys = new LinkedHashSet<>();
        fields.all("surrogate-key").forEach(line -> split(line, " ", keys));
        fields.all("cache-tag").forEach(line -> split(line, ",", keys));
        if (groups.isEmpty() && keys.isEmpty()) {
            return NONE;
        }
        List<String> keptGroups = kept(groups, MOST);
        List<String> keptKeys = kept(keys, MOST - keptGroups.size());
        boolean complete = keptGroups.size() == groups.size() && keptKeys.size() == keys.size();
        return new Tags(keptGroups, keptKeys, complete);
    }

    private static void split(String line, String separator, Set<String> into) {
        for (String part : line.split(separator)) {
            String key = part.strip();
            if (!key.isEmpty()) {
                into.add(key);
            }
        }
    }

    private static List<String> kept(Iterable<String> names, int most) {
        List<String> kept = new ArrayList<>(8);
        for (String name : names) {
            if (name.length() <= LONGEST && kept.size() < most) {
                kept.add(name);
            }
        }
        return List.copyOf(kept);
    }

    /** Whether there are none, and none were left out. */
    public boolean isEmpty() {
        return groups.isEmpty() && keys.isEmpty() && complete;
    }

    /** How many there are. */
    public int size() {
        return groups.size() + keys.size();
    }
}
