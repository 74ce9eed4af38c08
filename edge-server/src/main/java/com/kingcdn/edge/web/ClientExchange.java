package com.kingcdn.edge.web;

import com.kingcdn.edge.distribution.DistributionTraffic;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request and its response, as metrics and the access log see it; of the event loop of its {@link ClientStream}. */
final class ClientExchange {

    private final ClientStream stream;
    private final RequestHead head;
    private final @Nullable AccessLog log;
    private final long startNanos = System.nanoTime();
    private @Nullable CacheRequest accepted;
    private DistributionTraffic.@Nullable Counter traffic;
    private boolean bare;
    private boolean ended;
    private long counted;
    private @Nullable String reason;
    private @Nullable Runnable atEnd;
    private @Nullable Runnable underWay;
    private int status;
    private Outcome outcome = Outcome.REFUSED;
    private @Nullable String cacheStatus;
    private HeaderFields given = HeaderFields.EMPTY;

    ClientExchange(ClientStream stream, RequestHead head, @Nullable AccessLog log) {
        this.stream = stream;
        this.head = head;
        this.log = log;
        EdgeMetrics.IN_FLIGHT.inc();
    }

    ClientStream stream() {
        return stream;
    }

    RequestHead head() {
        return head;
    }

    /** Whether the log will have it. */
    boolean isLogged() {
        return log != null;
    }

    void accept(CacheRequest clientRequest) {
        accepted = clientRequest;
    }

    /** Takes over the request as it may be logged: without a token. */
    void admit(CacheRequest bareRequest) {
        accepted = bareRequest;
        bare = true;
    }

    /** Counts it for its distribution, too, unless that is null. */
    void countFor(DistributionTraffic.@Nullable Counter counter) {
        traffic = counter;
    }

    /** Notes what its response gets, too, beside its own fields, whatever is answered. */
    void give(HeaderFields fields) {
        if (given.size() == 0) {
            given = fields;
        } else if (fields.size() > 0) {
            HeaderFields.Builder all = given.toBuilder();
            fields.forEach(all::add);
            given = all.build();
        }
    }

    HeaderFields given() {
        return given;
    }

    /** Notes why it is refused, unless something more exact is noted already. */
    void because(Refusal refusal) {
        if (reason == null) {
            reason = refusal.label();
        }
    }

    /** Notes a word for the log on why it is refused. */
    void because(@Nullable String word) {
        reason = word;
    }

    /** Runs this when the response is over, or at once when it already is. */
    void onEnd(Runnable action) {
        if (ended) {
            action.run();
            return;
        }
        Runnable before = atEnd;
        atEnd = before == null
                ? action
                : () -> {
                    before.run();
                    action.run();
                };
    }

    /** Notes how to give up what is now done for it, should the client go. */
    void underWay(Runnable giveUp) {
        underWay = giveUp;
    }

    /** Gives up what is done for it: the client has gone. */
    void gone() {
        Runnable giveUp = underWay;
        if (!ended && giveUp != null) {
            giveUp.run();
        }
        end(false, 0);
    }

    boolean hasEnded() {
        return ended;
    }

    /** Notes that the response's head is made. */
    void begin(int code, Outcome word, @Nullable String cacheStatusMember) {
        status = code;
        outcome = word;
        cacheStatus = cacheStatusMember;
        EdgeMetrics.answered(stream.connection().protocol(), word, code, System.nanoTime() - startNanos);
        DistributionTraffic.Counter counter = traffic;
        if (counter != null) {
            counter.answered();
        }
    }

    /** Counts content that is sent: a response may take an hour, and is load all the while. */
    void sent(long bytes) {
        counted += bytes;
        EdgeMetrics.sent(outcome, bytes);
        DistributionTraffic.Counter counter = traffic;
        if (counter != null) {
            counter.sent(bytes);
        }
    }

    /**
     * Notes that the response is over; the first call counts.
     *
     * @param whole whether all of it was sent
     * @param bytes of content, with those that were counted as {@link #sent}
     */
    void end(boolean whole, long bytes) {
        if (ended) {
            return;
        }
        ended = true;
        EdgeMetrics.IN_FLIGHT.dec();
        if (atEnd != null) {
            atEnd.run();
        }
        sent(Math.max(0, bytes - counted));
        if (!whole) {
            EdgeMetrics.ABORTED.inc();
        }
        if (log != null) {
            log.write(line(bytes));
        }
    }

    private AccessLog.Line line(long bytes) {
        CacheRequest clientRequest = accepted;
        long nanos = System.nanoTime() - startNanos;
        InetAddress client = stream.connection().client();
        return new AccessLog.Line(
                System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(nanos),
                client,
                stream.connection().protocol(),
                head.method(),
                clientRequest == null ? "" : clientRequest.authority(),
                clientRequest == null || !bare ? withoutParameters(head.target()) : clientRequest.target(),
                status,
                bytes,
                TimeUnit.NANOSECONDS.toMicros(nanos),
                outcome,
                reason,
                cacheStatus,
                head.fields().first("range"),
                head.fields().first("user-agent"));
    }

    /** What nobody has looked at may have a token in any parameter. */
    private static String withoutParameters(String target) {
        int end = 0;
        while (end < target.length() && "?;=".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        return target.substring(0, end);
    }
}
