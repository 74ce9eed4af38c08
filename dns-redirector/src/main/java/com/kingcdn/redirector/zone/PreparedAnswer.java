package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.ServingCluster;
import org.jspecify.annotations.Nullable;

/**
 * The ready message that answers one question for all clients of one cluster.
 *
 * <p>Its identifier is 0, its flags QR and, where due, AA; it has no OPT record, and the octets of its question are left out, which are
 * those of each query. All else is as if they stood there: the header counts a question, and places that names point to have it before
 * them. Owner names that equal the question are pointers to it, so they are spelled as the client does.
 *
 * @param madeFor the cluster whose nodes it names, or null for none; another object means that it is out of date
 * @param body the header, and what comes after the question; leave it alone
 * @param remakeAt when it is out of date at any rate, in milliseconds since 1970: it has signatures that are renewed
 */
@SuppressWarnings("ArrayRecordComponent")
public record PreparedAnswer(@Nullable ServingCluster madeFor, byte[] body, long remakeAt) {

    /** The low four bits of the response code. */
    public int rcode() {
        return body[3] & 15;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return "PreparedAnswer of " + body.length + " bytes for " + madeFor;
    }
}
