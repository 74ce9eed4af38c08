package com.kingcdn.http;

import java.util.Set;

/**
 * A set of field names, in lower case, that is made for the question which of a section's lines are in it: most sections are known to
 * have none by one look at {@link HeaderFields}' summary of its names.
 */
public final class FieldNames {

    private final Set<String> names;
    private final long summary;

    private FieldNames(Set<String> names) {
        this.names = names;
        long bits = 0;
        for (String name : names) {
            bits |= summaryOf(name);
        }
        this.summary = bits;
    }

    /**
     * These names.
     *
     * @param names in lower case, each once
     */
    public static FieldNames of(String... names) {
        return new FieldNames(Set.of(names));
    }

    /** Whether a lower-case name is in the set. */
    public boolean contains(String name) {
        return (summary & summaryOf(name)) != 0 && names.contains(name);
    }

    /** Whether a section with this summary may have one of the names. */
    boolean mayBeIn(long sectionSummary) {
        return (summary & sectionSummary) != 0;
    }

    /** One bit of 64 for each name; a section's summary has those of all its names. */
    static long summaryOf(String name) {
        int hash = name.hashCode();
        return 1L << (hash ^ (hash >>> 6) ^ (hash >>> 12));
    }
}
