package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.ClusterChoice;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/**
 * The message that answers a question, without the octets of that, as {@link PreparedAnswer} describes it.
 *
 * @param body the header, and what comes after the question; leave it alone
 * @param brief the same without what is only a kindness, for when the whole one is too long (RFC 2181 section 9); null when there is no such
 * @param choice the cluster whose nodes it names, or null when it is the same for everybody
 * @param remakeAt when it is out of date, in milliseconds since 1970: it has signatures that are renewed
 */
@SuppressWarnings("ArrayRecordComponent")
public record ReadyAnswer(byte[] body, byte @Nullable [] brief, @Nullable ClusterChoice choice, long remakeAt) {

    /** Writes an answer to a question for a name in lower case. */
    static ReadyAnswer of(Name name, SignedAnswer signed) {
        ZoneAnswer answer = signed.answer();
        // the glue of a referral is no kindness
        boolean kindness = answer.authoritative() && !answer.additional().isEmpty();
        return new ReadyAnswer(
                AnswerMessage.write(name, answer),
                kindness ? AnswerMessage.write(name, answer.withoutAdditional()) : null,
                answer.choice(),
                signed.remakeAt());
    }

    /** One that is the same for everybody, and for good. */
    static ReadyAnswer lasting(byte[] body) {
        return new ReadyAnswer(body, null, null, Long.MAX_VALUE);
    }

    /** The low four bits of the response code. */
    public int rcode() {
        return body[3] & 15;
    }

    /** How much memory it takes, about. */
    int octets() {
        return body.length + (brief == null ? 0 : brief.length);
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
        return "ReadyAnswer of " + body.length + " bytes";
    }
}
