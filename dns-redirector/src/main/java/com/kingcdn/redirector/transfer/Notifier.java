package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.RemoteServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * The sender of notices that a zone has changed (RFC 1996). Each server is told until it answers, six times at most and ever more seldom;
 * a newer change of the zone takes the place of an older one that is still being told.
 */
final class Notifier implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Notifier.class);

    private static final int MOST_TRIES = 6;
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final long FIRST_PAUSE_MILLIS = 1_000;

    private record Target(Name zone, RemoteServer server) {}

    private final Supplier<TsigKeys> keys;
    private final Map<Target, Long> latest = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "zone-notify");
        thread.setDaemon(true);
        return thread;
    });

    Notifier(Supplier<TsigKeys> keys) {
        this.keys = keys;
    }

    /** Tells all that are to be told of this zone; returns at once. */
    void changed(LiveZone zone) {
        for (RemoteServer server : zone.policy().notified()) {
            Target target = new Target(zone.origin(), server);
            latest.put(target, zone.shown().serial());
            timer.execute(() -> tell(target, zone, 1));
        }
    }

    private void tell(Target target, LiveZone zone, int attempt) {
        if (latest.getOrDefault(target, -1L) != zone.shown().serial()) {
            return;
        }
        SimpleResolver resolver = new SimpleResolver(target.server.address());
        resolver.setTimeout(TIMEOUT);
        resolver.setTSIGKey(keys.get().find(target.server.key()));
        Message notice = Message.newQuery(Record.newRecord(zone.origin(), Type.SOA, DClass.IN));
        notice.getHeader().setOpcode(Opcode.NOTIFY);
        notice.getHeader().unsetFlag(Flags.RD);
        notice.getHeader().setFlag(Flags.AA);
        notice.addRecord(zone.shown().soa(), Section.ANSWER);
        resolver.sendAsync(notice).whenComplete((answer, failure) -> {
            if (failure == null) {
                answered(target, answer);
            } else if (attempt < MOST_TRIES) {
                timer.schedule(
                        () -> tell(target, zone, attempt + 1),
                        FIRST_PAUSE_MILLIS << (attempt - 1),
                        TimeUnit.MILLISECONDS);
            } else {
                TransferMetrics.NOT_NOTIFIED.inc();
                log.warn(
                        "{} did not answer the notice that zone {} has changed",
                        target.server.address(),
                        zone.origin());
            }
        });
    }

    /** Whatever the answer is, there is no use in telling again (RFC 1996 section 3.6). */
    private static void answered(Target target, Message answer) {
        if (answer.getRcode() == Rcode.NOERROR) {
            TransferMetrics.NOTIFIED.inc();
            return;
        }
        TransferMetrics.NOTICE_REFUSED.inc();
        log.warn(
                "{} answers the notice that zone {} has changed with {}: it may copy it late",
                target.server.address(),
                target.zone,
                Rcode.string(answer.getRcode()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
