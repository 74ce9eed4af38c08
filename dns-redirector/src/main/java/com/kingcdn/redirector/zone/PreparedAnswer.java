package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.ServingCluster;
import org.jspecify.annotations.Nullable;

/**
 * The ready message that answers one question for all clients of one cluster.
 *
 * <p>Its identifier is 0, its question name in lower case, its flags QR and, where due, AA; it has no OPT record. Owner names that
 * equal the question are pointers to it, so putting the client's spelling there spells them likewise.
 *
 * @param madeFor the cluster whose nodes it names, or null for none; another object means that it is out of date
 * @param message the whole message; leave it alone
 * @param remakeAt when it is out of date at any rate, in milliseconds since 1970: it has signatures that are renewed
 */
@SuppressWarnings("ArrayRecordComponent")
public record PreparedAnswer(@Nullable ServingCluster madeFor, byte[] message, long remakeAt) {

    /** The low four bits of the response code. */
    public int rcode() {
        return message[3] & 15;
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
        return "PreparedAnswer of " + message.length + " bytes for " + madeFor;
    }
}
