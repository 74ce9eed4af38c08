package com.kingcdn.redirector.zone;

import java.util.List;
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

    /** The same without its additional section. */
    public ZoneAnswer withoutAdditional() {
        return new ZoneAnswer(rcode, authoritative, tailored, answer, authority, List.of());
    }
}
