package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.ClusterChoice;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/**
 * The message that answers a question, as {@link PreparedAnswer} describes it.
 *
 * @param message the whole message; leave it alone
 * @param brief the same without what is only a kindness, for when the whole one is too long (RFC 2181 section 9); null when there is no such
 * @param choice the cluster whose nodes it names, or null when it is the same for everybody
 * @param remakeAt when it is out of date, in milliseconds since 1970: it has signatures that are renewed
 */
@SuppressWarnings("ArrayRecordComponent")
public record ReadyAnswer(byte[] message, byte @Nullable [] brief, @Nullable ClusterChoice choice, long remakeAt) {

    /** Writes an answer to a question, whose name is in lower case. */
    static ReadyAnswer of(Name name, int type, SignedAnswer signed) {
        ZoneAnswer answer = signed.answer();
        // the glue of a referral is no kindness
        boolean kindness = answer.authoritative() && !answer.additional().isEmpty();
        return new ReadyAnswer(
                AnswerMessage.write(name, type, answer),
                kindness ? AnswerMessage.write(name, type, answer.withoutAdditional()) : null,
                answer.choice(),
                signed.remakeAt());
    }

    /** How much memory it takes, about. */
    int octets() {
        return message.length + (brief == null ? 0 : brief.length);
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
        return "ReadyAnswer of " + message.length + " bytes";
    }
}
