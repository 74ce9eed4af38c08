package com.kingcdn.redirector.zone;

import java.util.List;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;

/**
 * What our zones say to a question.
 *
 * @param rcode NOERROR, NXDOMAIN, REFUSED or SERVFAIL, as dnsjava numbers them
 * @param authoritative the AA flag; false for referrals and refusals
 * @param tailored whether it depends on the client (RFC 7871): it names nodes of the cluster chosen for that client
 */
public record ZoneAnswer(
        int rcode,
        boolean authoritative,
        boolean tailored,
        List<Record> answer,
        List<Record> authority,
        List<Record> additional) {

    /** Authoritative, the same for everybody, and nothing but these records. */
    static ZoneAnswer authoritative(List<Record> answer) {
        return new ZoneAnswer(Rcode.NOERROR, true, false, answer, List.of(), List.of());
    }

    /** The same with another code and other records. */
    ZoneAnswer with(int otherRcode, List<Record> newAnswer, List<Record> newAuthority, List<Record> newAdditional) {
        return new ZoneAnswer(otherRcode, authoritative, tailored, newAnswer, newAuthority, newAdditional);
    }

    /** The same without its additional section. */
    public ZoneAnswer withoutAdditional() {
        return new ZoneAnswer(rcode, authoritative, tailored, answer, authority, List.of());
    }
}
