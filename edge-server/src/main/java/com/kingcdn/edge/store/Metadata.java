package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.http.HeaderFields;

/** All of an entry but its content, with what a hit needs made beforehand. Immutable. */
final class Metadata {

    private final CacheKey key;
    private final StoredResponse response;
    private final long length;
    private final boolean validationRequired;
    private final HeaderFields fieldsToSend;
    private final Lookup lookup;

    /**
     * Of a response.
     *
     * @param length of the whole content in octets, or {@link CacheEntry#UNKNOWN_LENGTH}
     * @param validationRequired whether it may not be used before upstream has confirmed it
     */
    Metadata(CacheKey key, StoredResponse response, long length, boolean validationRequired) {
        this.key = key;
        this.response = response;
        this.length = length;
        this.validationRequired = validationRequired;
        this.fieldsToSend = response.fields().without(name -> name.equals("content-length") || name.equals("age"));
        this.lookup = validationRequired ? Lookup.unconfirmed(response) : Lookup.found(response);
    }

    CacheKey key() {
        return key;
    }

    StoredResponse response() {
        return response;
    }

    long length() {
        return length;
    }

    boolean validationRequired() {
        return validationRequired;
    }

    HeaderFields fieldsToSend() {
        return fieldsToSend;
    }

    Lookup lookup() {
        return lookup;
    }

    /** Whether parts of it may be fetched later and put together (RFC 9110 section 15.3.7.3). */
    boolean isRefillable() {
        return length != CacheEntry.UNKNOWN_LENGTH
                && response.status() == 200
                && response.validators().matchesStrongly(response.validators());
    }

    /** About how many octets of heap it takes. */
    int weight() {
        int weight = 1000 + key.target().length();
        for (int i = 0; i < response.fields().size(); i++) {
            // twice a reference, and a string with its array, since names are mostly shared
            weight += 64 + response.fields().value(i).length();
        }
        return weight;
    }
}
