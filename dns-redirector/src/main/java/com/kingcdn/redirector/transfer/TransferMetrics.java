package com.kingcdn.redirector.transfer;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.Locale;
import org.xbill.DNS.Rcode;

/** Counts of what is done for and with other name servers. */
final class TransferMetrics {

    /** What was asked for. */
    enum Kind {
        TRANSFER,
        UPDATE,
        NOTIFY,
        SIGNED_QUERY
    }

    private static final Counter REQUESTS = Counter.build(
                    "kingcdn_redirector_zone_requests",
                    "Transfers, updates, notifications and signed queries of other servers, by what became of them")
            .labelNames("kind", "result")
            .register();
    private static final Counter NOTIFIES = Counter.build(
                    "kingcdn_redirector_notifies", "Servers told of a changed zone, by what they answered")
            .labelNames("result")
            .register();
    private static final Counter REFRESHES = Counter.build(
                    "kingcdn_redirector_zone_refreshes",
                    "Looks at the primaries of zones that are copied, by what came of them")
            .labelNames("result")
            .register();

    static final Counter.Child NOTIFIED = NOTIFIES.labels("answered");
    static final Counter.Child NOTICE_REFUSED = NOTIFIES.labels("refused");
    static final Counter.Child NOT_NOTIFIED = NOTIFIES.labels("silent");
    static final Counter.Child CURRENT = REFRESHES.labels("current");
    static final Counter.Child TRANSFERRED = REFRESHES.labels("transferred");
    static final Counter.Child FAILED = REFRESHES.labels("failed");
    static final Counter.Child EXPIRED = REFRESHES.labels("expired");

    static final Gauge COPIES = Gauge.build(
                    "kingcdn_redirector_zone_copies_bytes",
                    "Memory that copies of others' zones take, estimated, those on their way in too")
            .register();
    static final Gauge MISSING = Gauge.build(
                    "kingcdn_redirector_zone_copies_missing",
                    "Zones to be copied of which there is no valid copy: they are answered SERVFAIL")
            .register();
    static final Counter NO_ROOM = Counter.build(
                    "kingcdn_redirector_zone_copies_refused",
                    "Zones not taken from their primaries since copies took all the memory that they may")
            .register();

    private TransferMetrics() {}

    static void request(Kind kind, int rcode) {
        String result =
                switch (rcode) {
                    case Rcode.NOERROR -> "done";
                    case Rcode.SERVFAIL -> "failed";
                    default -> "refused";
                };
        REQUESTS.labels(kind.name().toLowerCase(Locale.ROOT), result).inc();
    }
}
