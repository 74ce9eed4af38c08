package com.kingcdn.redirector.query;

import com.kingcdn.redirector.routing.ChoiceReason;
import com.kingcdn.redirector.routing.ClusterChoice;
import io.prometheus.client.Counter;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/** What the redirector counts about queries; children are resolved beforehand, since a query takes a few microseconds in all. */
final class QueryMetrics {

    /** RFC 7873 section 8; dnsjava has no name for it. */
    static final int BADCOOKIE = 23;

    private static final Counter QUERIES = Counter.build(
                    "kingcdn_redirector_queries_total", "Queries answered, by transport and response code.")
            .labelNames("transport", "rcode")
            .register();
    private static final Counter CLUSTERS = Counter.build(
                    "kingcdn_redirector_handoffs_total", "Answers that name nodes of a cluster, by cluster.")
            .labelNames("cluster")
            .register();
    private static final Counter DECISIONS = Counter.build(
                    "kingcdn_redirector_decisions_total", "Choices of a cluster, by reason.")
            .labelNames("reason")
            .register();
    private static final Counter TRUNCATED = Counter.build(
                    "kingcdn_redirector_truncated_total", "Answers that did not fit into a datagram and had TC set.")
            .register();
    private static final Counter MALFORMED = Counter.build(
                    "kingcdn_redirector_malformed_total", "Messages dropped or answered FORMERR.")
            .register();
    private static final Counter SUBNETS = Counter.build(
                    "kingcdn_redirector_client_subnets_total",
                    "Queries with a client subnet (RFC 7871) of length above 0.")
            .register();
    private static final Counter ALIASES = Counter.build(
                    "kingcdn_redirector_aliases_total",
                    "Queries with a client subnet that were led to the name with which theirs shares answers.")
            .register();
    private static final Counter FAILURES = Counter.build(
                    "kingcdn_redirector_failures_total", "Queries answered SERVFAIL because of a defect of ours.")
            .register();

    private static final Counter COOKIES = Counter.build(
                    "kingcdn_redirector_cookies_total", "Queries with a cookie (RFC 7873), by what it proves.")
            .labelNames("result")
            .register();
    private static final Counter LIMITED = Counter.build(
                    "kingcdn_redirector_limited_answers_total",
                    "Answers withheld from addresses that may be forged, by what was sent instead.")
            .labelNames("action")
            .register();

    private static final Map<Transport, Counter.Child[]> QUERIES_BY_CODE = queriesByCode();
    private static final Map<ChoiceReason, Counter.Child> DECISIONS_BY_REASON = decisionsByReason();
    private static final Map<CookieState, Counter.Child> COOKIES_BY_STATE = cookiesByState();
    private static final Map<LimitAction, Counter.Child> LIMITED_BY_ACTION = limitedByAction();
    /** As many as the configuration has ever named. */
    private static final Map<String, Counter.Child> CLUSTERS_BY_ID = new ConcurrentHashMap<>();

    private QueryMetrics() {}

    /** Makes all series appear, at zero, before the first query. */
    static void register() {
        // the static fields above do it
    }

    /** A response code in lower case, as in metrics and logs. */
    static String label(int rcode) {
        return rcode == BADCOOKIE ? "badcookie" : Rcode.string(rcode).toLowerCase(Locale.ROOT);
    }

    private static Map<Transport, Counter.Child[]> queriesByCode() {
        Map<Transport, Counter.Child[]> result = new EnumMap<>(Transport.class);
        for (Transport transport : Transport.values()) {
            Counter.Child[] children = new Counter.Child[BADCOOKIE + 1];
            // the codes that we send; the others have no series
            for (int code = Rcode.NOERROR; code <= Rcode.YXDOMAIN; code++) {
                children[code] = QUERIES.labels(transport.label(), label(code));
            }
            children[Rcode.BADVERS] = QUERIES.labels(transport.label(), label(Rcode.BADVERS));
            children[BADCOOKIE] = QUERIES.labels(transport.label(), label(BADCOOKIE));
            result.put(transport, children);
        }
        return result;
    }

    private static Map<ChoiceReason, Counter.Child> decisionsByReason() {
        Map<ChoiceReason, Counter.Child> result = new EnumMap<>(ChoiceReason.class);
        for (ChoiceReason reason : ChoiceReason.values()) {
            result.put(reason, DECISIONS.labels(reason.code()));
        }
        return result;
    }

    private static Map<CookieState, Counter.Child> cookiesByState() {
        Map<CookieState, Counter.Child> result = new EnumMap<>(CookieState.class);
        for (CookieState state : EnumSet.complementOf(EnumSet.of(CookieState.ABSENT))) {
            result.put(state, COOKIES.labels(state.label()));
        }
        return result;
    }

    private static Map<LimitAction, Counter.Child> limitedByAction() {
        Map<LimitAction, Counter.Child> result = new EnumMap<>(LimitAction.class);
        for (LimitAction action : LimitAction.values()) {
            result.put(action, LIMITED.labels(action.label()));
        }
        return result;
    }

    static void cookie(CookieState state) {
        if (state != CookieState.ABSENT) {
            Objects.requireNonNull(COOKIES_BY_STATE.get(state)).inc();
        }
    }

    static void limited(LimitAction action) {
        Objects.requireNonNull(LIMITED_BY_ACTION.get(action)).inc();
    }

    static void answered(Transport transport, int rcode) {
        Objects.requireNonNull(QUERIES_BY_CODE.get(transport))[rcode].inc();
    }

    static void handedOff(ClusterChoice choice) {
        Objects.requireNonNull(DECISIONS_BY_REASON.get(choice.reason())).inc();
        String cluster = choice.cluster().cluster().id();
        // where two clusters share a bin, computing would take its lock for one that is there
        Counter.@Nullable Child known = CLUSTERS_BY_ID.get(cluster);
        (known == null ? CLUSTERS_BY_ID.computeIfAbsent(cluster, CLUSTERS::labels) : known).inc();
    }

    static void truncated() {
        TRUNCATED.inc();
    }

    static void malformed() {
        MALFORMED.inc();
    }

    static void clientSubnet() {
        SUBNETS.inc();
    }

    static void aliased() {
        ALIASES.inc();
    }

    static void failed() {
        FAILURES.inc();
    }
}
