package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.routing.ClusterChoice;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;

/**
 * What our zones say to a question.
 *
 * @param rcode NOERROR, NXDOMAIN, REFUSED or SERVFAIL, as dnsjava numbers them
 * @param authoritative the AA flag; false for referrals and refusals
 * @param choice the cluster whose nodes it names, chosen for the client (RFC 7871), or null when it is the same for everybody
 */
public record ZoneAnswer(
        int rcode,
        boolean authoritative,
        @Nullable ClusterChoice choice,
        List<Record> answer,
        List<Record> authority,
        List<Record> additional) {

    /** Whether it depends on the client. */
    public boolean tailored() {
        return choice != null;
    }

    /** Authoritative, the same for everybody, and nothing but these records. */
    static ZoneAnswer authoritative(List<Record> answer) {
        return new ZoneAnswer(Rcode.NOERROR, true, null, answer, List.of(), List.of());
    }

    /** The same with another code and other records. */
    ZoneAnswer with(int otherRcode, List<Record> newAnswer, List<Record> newAuthority, List<Record> newAdditional) {
        return new ZoneAnswer(otherRcode, authoritative, choice, newAnswer, newAuthority, newAdditional);
    }

    /** The same without its additional section. */
    public ZoneAnswer withoutAdditional() {
        return new ZoneAnswer(rcode, authoritative, choice, answer, authority, List.of());
    }
}
