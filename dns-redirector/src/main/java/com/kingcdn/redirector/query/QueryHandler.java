package com.kingcdn.redirector.query;

import com.kingcdn.redirector.routing.Addresses;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.redirector.zone.HandoffTable;
import com.kingcdn.redirector.zone.ReadyAnswer;
import com.kingcdn.redirector.zone.ServingSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * The answer to a query: bytes in, bytes out, in one plain call. Thread-safe.
 *
 * <p>One snapshot is read per query. An A, AAAA or HTTPS question for an edge hostname or customer host, by far the most frequent, is a hash
 * look-up of the name, a table look-up of the client, and a copy of a ready message with the query's identifier, flags, spelling and
 * OPT record put in. What is the same for every client, and what does not exist, is such a copy too, without the client looked up.
 * Only what is asked for the first time, or rarely, goes by way of dnsjava's types.
 */
public final class QueryHandler {

    private static final Logger LOG = LoggerFactory.getLogger(QueryHandler.class);
    private static final long NANOS_BETWEEN_LOGS = 10_000_000_000L;

    /** Stands in NSEC records alone; asking for it is an error (RFC 9824 section 3.5). */
    private static final int TYPE_NXNAME = 128;

    /** What is no plain question: a transfer, an update, a notice, or signed with a key; nothing was written. */
    public static final int ZONE_REQUEST = -1;

    private static final int TYPE_TKEY = 249;
    private static final int TYPE_MAILA = 254;

    private final Supplier<ServingSnapshot> snapshots;
    private final QueryLog log;
    private final Consumer<InetAddress> resolvers;
    private final Cookies cookies;
    private final ResponseWriter writer;
    private final ServerIdentity identity;
    private final ResponseRateLimiter limiter;
    private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - NANOS_BETWEEN_LOGS);

    /** One without limits, as for tests. */
    public QueryHandler(Supplier<ServingSnapshot> snapshots, QueryLog log) {
        this(snapshots, log, QueryPolicy.plain(), source -> {});
    }

    /**
     * One with its limits.
     *
     * @param snapshots what is served now; asked once per query
     * @param resolvers gets the source of each query whose answer depends on it or its clients, DNS over HTTPS excepted
     */
    public QueryHandler(
            Supplier<ServingSnapshot> snapshots, QueryLog log, QueryPolicy policy, Consumer<InetAddress> resolvers) {
        this.log = log;
        this.resolvers = resolvers;
        this.snapshots = snapshots;
        this.cookies = policy.cookies();
        this.writer = policy.writer();
        this.identity = policy.identity();
        this.limiter = policy.limiter();
        QueryMetrics.register();
    }

    /** Who asks by UDP far more than they may have; whoever can keep their queries away looks there. */
    public FloodWatch floods() {
        return limiter.floods();
    }

    /** Takes note of who sent a datagram that gets no answer whatever it says: others wait for it as for any other. */
    public void ignored(InetAddress client) {
        limiter.ignored(client);
    }

    /** The answer to a query in an array of its own, or null when it gets none. */
    public byte @Nullable [] answer(byte[] query, InetSocketAddress client, Transport transport) {
        byte[] out = new byte[transport == Transport.UDP ? ResponseSize.UDP_PAYLOAD : ResponseSize.MOST];
        int length = answer(query, query.length, client, transport, out);
        if (length == ZONE_REQUEST) {
            length = refuse(query, query.length, client, transport, out);
        }
        return length == 0 ? null : Arrays.copyOf(out, length);
    }

    /** Answers a zone request where nobody takes such: NOTIMP to updates and notices, REFUSED to transfers and what is signed. */
    public int refuse(byte[] query, int length, InetSocketAddress client, Transport transport, byte[] out) {
        QueryMessage message = QueryMessage.read(query, length);
        Exchange exchange = new Exchange(message, client, transport, CookieState.ABSENT);
        return unsupported(exchange, (query[2] & 0x78) == 0 ? Rcode.REFUSED : Rcode.NOTIMP, out);
    }

    /**
     * Writes the answer to a query.
     *
     * @param query its first {@code length} bytes are the query, which may be anything
     * @param out at least 1232 bytes for UDP, else 65535
     * @return the answer's length, or 0 when it gets none, since it is no query at all, or {@link #ZONE_REQUEST}
     */
    public int answer(byte[] query, int length, InetSocketAddress client, Transport transport, byte[] out) {
        QueryMessage message = QueryMessage.read(query, length);
        if (message.verdict() == QueryMessage.Verdict.DROP) {
            QueryMetrics.malformed();
            if (transport == Transport.UDP) {
                ignored(client.getAddress());
            }
            return 0;
        }
        CookieState cookie = cookies.check(message, client.getAddress());
        QueryMetrics.cookie(cookie);
        Exchange exchange = new Exchange(message, client, transport, cookie);
        try {
            return exchange.forgeable() && !limiter.allows(client.getAddress())
                    ? limited(exchange, out)
                    : answer(exchange, out);
        } catch (RuntimeException e) {
            QueryMetrics.failed();
            logRarely(e);
            return code(exchange, Rcode.SERVFAIL, out);
        }
    }

    private int answer(Exchange exchange, byte[] out) {
        return switch (exchange.query().verdict()) {
            case DROP -> 0;
            case FORMAT_ERROR -> {
                QueryMetrics.malformed();
                yield code(exchange, Rcode.FORMERR, out);
            }
            case NOT_IMPLEMENTED -> unsupported(exchange, Rcode.NOTIMP, out);
            case ZONE_REQUEST -> ZONE_REQUEST;
            case BAD_VERSION -> code(exchange, Rcode.BADVERS, out);
            case COOKIE_ONLY -> {
                // whoever asks with a cookie that is none of ours is told so (RFC 7873 section 5.4)
                boolean refused = exchange.cookie() == CookieState.INVALID;
                yield code(exchange, refused ? QueryMetrics.BADCOOKIE : Rcode.NOERROR, out);
            }
            case ANSWER -> answerQuestion(exchange, out);
        };
    }

    /** Above the rate: nothing, or an empty answer by which a client that exists comes back with a cookie or over TCP. */
    private int limited(Exchange exchange, byte[] out) {
        if (!exchange.query().hasQuestion() || !limiter.slips()) {
            QueryMetrics.limited(LimitAction.DROPPED);
            return 0;
        }
        return empty(exchange, out);
    }

    /** An answer no longer than its query but for a cookie: BADCOOKIE for clients that know cookies, else TC. */
    private int empty(Exchange exchange, byte[] out) {
        if (exchange.cookie() != CookieState.ABSENT) {
            QueryMetrics.limited(LimitAction.BADCOOKIE);
            return code(exchange, QueryMetrics.BADCOOKIE, out);
        }
        QueryMetrics.limited(LimitAction.TRUNCATED);
        return sent(exchange, Rcode.NOERROR, writer.writeTruncated(exchange, out), null);
    }

    private int answerQuestion(Exchange exchange, byte[] out) {
        QueryMessage query = exchange.query();
        int type = query.type();
        if (type == 0 || type == Type.OPT || type == TYPE_NXNAME) {
            QueryMetrics.malformed();
            int length = writer.writeCode(exchange, Rcode.FORMERR, ExtendedError.INVALID_QUERY_TYPE, out);
            return sent(exchange, Rcode.FORMERR, length, null);
        }
        if (query.dnsClass() == DClass.IN && (type == Type.AXFR || type == Type.IXFR)) {
            return ZONE_REQUEST;
        }
        // meta types, and classes such as CHAOS
        if (query.dnsClass() != DClass.IN || (type >= TYPE_TKEY && type <= TYPE_MAILA)) {
            return answerMeta(exchange, out);
        }
        ServingSnapshot snapshot = snapshots.get();
        TrafficDirector director = snapshot.director();
        @Nullable ClientSubnet subnet = subnet(query);
        byte[] source = exchange.address().getAddress();
        boolean isIpv4 = subnet == null ? source.length == 4 : subnet.isIpv4();
        long high = subnet == null ? Addresses.high(source) : subnet.high();
        long low = subnet == null ? Addresses.low(source) : subnet.low();
        byte[] body;
        boolean signed = query.dnssecOk() && snapshot.isSigned();
        HandoffTable.@Nullable Entry entry = HandoffTable.prepares(type)
                ? snapshot.handoffs().find(query.bytes(), QueryMessage.HEADER_LENGTH, query.nameLength())
                : null;
        // over HTTPS it is a client itself that asks, who may not go on by itself
        boolean shared = entry != null && entry.isShared() && subnet != null && exchange.transport() != Transport.HTTPS;
        long leaf = entry == null || shared ? 0 : director.leaf(isIpv4, high, low);
        @Nullable
        ClusterChoice choice = entry == null || shared ? null : director.choice(leaf, isIpv4, high, entry.placement());
        boolean absent = false;
        if (entry != null && shared) {
            QueryMetrics.aliased();
            body = snapshot.shared(entry, type, signed).body();
        } else if (entry != null && choice != null) {
            body = (signed ? snapshot.preparedSigned(entry, type, choice) : snapshot.prepared(entry, type, choice))
                    .body();
        } else {
            @Nullable ReadyAnswer ready = ready(query, snapshot, signed);
            if (ready == null) {
                Name name = name(query);
                ClientRoute route = director.route(isIpv4, high, low);
                ready = snapshot.answered(name, type, route, signed, query.compactOk());
                absent = ready.rcode() == Rcode.SERVFAIL && snapshot.isAbsent(name);
            }
            choice = ready.choice();
            leaf = choice == null ? 0 : director.leaf(isIpv4, high, low);
            body = body(exchange, ready);
        }
        @Nullable ExtendedError error = absent ? ExtendedError.INVALID_DATA : ExtendedError.of(body[3] & 15, choice);
        if (exchange.forgeable() && !allowsLength(exchange, body, error)) {
            return empty(exchange, out);
        }
        if (choice != null) {
            QueryMetrics.handedOff(choice);
            // over HTTPS it is a client itself that asks
            if (exchange.transport() != Transport.HTTPS) {
                resolvers.accept(exchange.address());
            }
        }
        int scope = choice == null || subnet == null ? 0 : TrafficDirector.scope(leaf, isIpv4, choice);
        int length = writer.write(exchange, body, scope, error, out);
        if ((out[2] & 2) != 0) {
            QueryMetrics.truncated();
        }
        return sent(exchange, out[3] & 15, length, choice);
    }

    private int answerMeta(Exchange exchange, byte[] out) {
        QueryMessage query = exchange.query();
        byte @Nullable [] body = identity.answer(query.type(), query.dnsClass(), name(query));
        if (body == null) {
            return unsupported(exchange, Rcode.REFUSED, out);
        }
        if (exchange.forgeable() && !allowsLength(exchange, body, null)) {
            return empty(exchange, out);
        }
        return sent(exchange, Rcode.NOERROR, writer.write(exchange, body, 0, null, out), null);
    }

    /** What does not fit is sent as TC alone, and so is not charged for. */
    private boolean allowsLength(Exchange exchange, byte[] body, @Nullable ExtendedError error) {
        int length = writer.length(exchange, body);
        int longest = length + (error == null ? 0 : ExtendedError.LENGTH);
        return length > exchange.limit()
                || limiter.allowsLength(exchange.address(), exchange.query().length(), longest);
    }

    /** The client's subnet where that decides, else null: the resolver's own address does. */
    private static @Nullable ClientSubnet subnet(QueryMessage query) {
        @Nullable ClientSubnet subnet = query.subnet();
        // with a source of 0 the client wants none of its address used (RFC 7871 section 7.1.2)
        if (subnet == null || subnet.source() == 0) {
            return null;
        }
        QueryMetrics.clientSubnet();
        return subnet;
    }

    private static @Nullable ReadyAnswer ready(QueryMessage query, ServingSnapshot snapshot, boolean signed) {
        return snapshot.ready(
                query.bytes(), QueryMessage.HEADER_LENGTH, query.nameLength(), query.type(), signed, query.compactOk());
    }

    private byte[] body(Exchange exchange, ReadyAnswer answer) {
        byte @Nullable [] brief = answer.brief();
        return brief == null || writer.length(exchange, answer.body()) <= exchange.limit() ? answer.body() : brief;
    }

    private static Name name(QueryMessage query) {
        try {
            return new Name(Arrays.copyOfRange(
                    query.bytes(), QueryMessage.HEADER_LENGTH, QueryMessage.HEADER_LENGTH + query.nameLength()));
        } catch (IOException e) {
            throw new IllegalStateException("a name that was checked is a name", e);
        }
    }

    private int code(Exchange exchange, int rcode, byte[] out) {
        return sent(exchange, rcode, writer.writeCode(exchange, rcode, null, out), null);
    }

    private int unsupported(Exchange exchange, int rcode, byte[] out) {
        return sent(exchange, rcode, writer.writeCode(exchange, rcode, ExtendedError.NOT_SUPPORTED, out), null);
    }

    private int sent(Exchange exchange, int rcode, int length, @Nullable ClusterChoice choice) {
        QueryMetrics.answered(exchange.transport(), rcode);
        log.answered(exchange.query(), exchange.client(), exchange.transport(), rcode, length, choice);
        return length;
    }

    private void logRarely(RuntimeException e) {
        long last = lastLogged.get();
        long now = System.nanoTime();
        if (now - last >= NANOS_BETWEEN_LOGS && lastLogged.compareAndSet(last, now)) {
            LOG.error(
                    "A query was answered SERVFAIL because of a defect; further ones in the next 10 s are only counted",
                    e);
        }
    }
}
