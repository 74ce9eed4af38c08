package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.AccessRule;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.registry.KeySource;
import com.kingcdn.redirector.transfer.TransferMetrics.Kind;
import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ZoneDelta;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * What is done with transfers, updates, notifications and signed queries, away from the threads that answer questions: a few threads for
 * short work, others for transfers, which may wait for slow clients. What comes when all are busy and a short queue is full gets no
 * answer, and is asked again.
 */
public final class ZoneRequestHandler implements ZoneRequests, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ZoneRequestHandler.class);

    private static final int QUEUE = 256;
    private static final int SHORT_THREADS = 2;
    private static final int TRANSFER_THREADS = 8;

    /** Answers a query that is no longer signed. */
    @FunctionalInterface
    public interface PlainQueries {

        /** The answer, or null when there is none. */
        byte @Nullable [] answer(byte[] query, InetSocketAddress client, boolean datagram);
    }

    private final RefusalLog refusals = new RefusalLog(log, System::nanoTime);
    private final LiveZones zones;
    private final Supplier<@Nullable Configuration> configuration;
    private final PlainQueries queries;
    private final Supplier<CompletableFuture<Void>> publish;
    private final Notifier notifier;
    private final SecondaryZones secondaries;
    private final ThreadPoolExecutor work = pool("zone-requests", SHORT_THREADS, QUEUE);
    private final ThreadPoolExecutor transfers = pool("zone-transfers", TRANSFER_THREADS, 2 * TRANSFER_THREADS);
    private final ThreadPoolExecutor answers = pool("zone-answers", SHORT_THREADS, QUEUE);
    /** Updates from before they are done until they are answered: no more than can wait for an answer. */
    private final Semaphore updates = new Semaphore(QUEUE);

    private volatile TsigKeys keys = new TsigKeys(List.of());
    private volatile List<KeySource> keySources = List.of();

    /**
     * @param configuration what holds now
     * @param publish has changed zones served, and completes when they are
     */
    public ZoneRequestHandler(
            LiveZones zones,
            Supplier<@Nullable Configuration> configuration,
            PlainQueries queries,
            Supplier<CompletableFuture<Void>> publish,
            CopySettings copies,
            Clock clock) {
        this.zones = zones;
        this.configuration = configuration;
        this.queries = queries;
        this.publish = publish;
        this.notifier = new Notifier(this::keys);
        this.secondaries = new SecondaryZones(zones, configuration, this::keys, publish, copies, clock);
        zones.subscribe(notifier::changed);
    }

    /** Serves the copies of others' zones that are on disk, and begins to look after all. */
    public void start() {
        secondaries.start();
    }

    private static ThreadPoolExecutor pool(String name, int threads, int queue) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** The keys as configured now. */
    private TsigKeys keys() {
        @Nullable Configuration config = configuration.get();
        if (config != null && !config.keys().equals(keySources)) {
            // in this order: whoever finds the sources must find their keys
            keys = new TsigKeys(config.keys());
            keySources = config.keys();
        }
        return keys;
    }

    @Override
    public void take(byte[] request, InetSocketAddress client, Answer answer) {
        try {
            work.execute(() -> handle(request, client, answer));
        } catch (RejectedExecutionException e) {
            log.debug("too many requests of other servers: one of {} is dropped", client);
        }
    }

    /** Answers on this thread, but for transfers. */
    void handle(byte[] bytes, InetSocketAddress client, Answer answer) {
        ZoneRequest request;
        try {
            request = ZoneRequest.read(bytes, client.getAddress(), answer.isDatagram(), keys());
        } catch (IOException e) {
            answer.reply(formatError(bytes));
            return;
        }
        try {
            handle(request, client, answer);
        } catch (RuntimeException | Error e) {
            log.error("{} was answered SERVFAIL because of a defect", request, e);
            answer.reply(request.write(Rcode.SERVFAIL));
        }
    }

    private void handle(ZoneRequest request, InetSocketAddress client, Answer answer) {
        if (request.error() != Rcode.NOERROR) {
            // RFC 8945 section 5.2
            refusals.refused(request, Rcode.TSIGstring(request.error()));
            answer.reply(request.write(request.error() == Rcode.FORMERR ? Rcode.FORMERR : Rcode.NOTAUTH));
            return;
        }
        switch (request.opcode()) {
            case Opcode.UPDATE -> update(request, answer);
            case Opcode.NOTIFY -> reply(Kind.NOTIFY, request, answer, secondaries.notified(request));
            case Opcode.QUERY -> query(request, client, answer);
            default -> answer.reply(request.write(Rcode.NOTIMP));
        }
    }

    private static void reply(Kind kind, ZoneRequest request, Answer answer, int rcode) {
        TransferMetrics.request(kind, rcode);
        answer.reply(request.write(rcode));
    }

    private void query(ZoneRequest request, InetSocketAddress client, Answer answer) {
        @Nullable Record question = request.question();
        if (question == null || (question.getType() != Type.AXFR && question.getType() != Type.IXFR)) {
            signed(request, client, answer);
            return;
        }
        @Nullable LiveZone zone = zones.find(question.getName());
        if (zone == null) {
            reply(Kind.TRANSFER, request, answer, Rcode.NOTAUTH);
        } else if (request.admitted(zone.policy().transfer()) == null) {
            refusals.refused(request, "no rule admits it");
            reply(Kind.TRANSFER, request, answer, Rcode.REFUSED);
        } else if (answer.isDatagram() && question.getType() == Type.AXFR) {
            // RFC 5936 section 4.2
            reply(Kind.TRANSFER, request, answer, Rcode.FORMERR);
        } else {
            try {
                transfers.execute(() -> transfer(request, zone, answer));
            } catch (RejectedExecutionException e) {
                reply(Kind.TRANSFER, request, answer, Rcode.SERVFAIL);
            }
        }
    }

    private void transfer(ZoneRequest request, LiveZone zone, Answer answer) {
        boolean sent;
        try {
            sent = TransferOut.send(request, zone, secondsLeft(zone), answer);
        } catch (RuntimeException | Error e) {
            log.error("{} was broken off because of a defect", request, e);
            reply(Kind.TRANSFER, request, answer, Rcode.SERVFAIL);
            return;
        }
        TransferMetrics.request(Kind.TRANSFER, sent ? Rcode.NOERROR : Rcode.SERVFAIL);
        log.info(
                "{}: serial {} {}",
                request,
                zone.shown().serial(),
                sent ? "sent" : "given up: the client is gone or slow");
    }

    private void signed(ZoneRequest request, InetSocketAddress client, Answer answer) {
        byte @Nullable [] plain = queries.answer(request.unsignedBytes(), client, answer.isDatagram());
        if (plain == null) {
            return;
        }
        try {
            Message response = new Message(plain);
            sayExpiry(request, response);
            TransferMetrics.request(Kind.SIGNED_QUERY, Rcode.NOERROR);
            answer.reply(request.write(response));
        } catch (IOException e) {
            throw new IllegalStateException("our own answer cannot be read", e);
        }
    }

    /** To whoever copies a zone and asks for its SOA. */
    private void sayExpiry(ZoneRequest request, Message response) {
        @Nullable Record question = request.question();
        @Nullable
        LiveZone zone = question == null || question.getType() != Type.SOA ? null : zones.find(question.getName());
        if (zone != null && response.getHeader().getFlag(Flags.AA) && Expiry.isAsked(request.message())) {
            Expiry.say(response, secondsLeft(zone));
        }
    }

    private long secondsLeft(LiveZone zone) {
        return zone.kind() == ServedZone.Kind.SECONDARY
                ? secondaries.secondsLeft(zone)
                : zone.content().soa().getExpire();
    }

    /** One that changes something is answered when that is served: whoever asks next gets it. */
    private void update(ZoneRequest request, Answer answer) {
        if (!updates.tryAcquire()) {
            log.debug("too many updates wait to be served: {} is dropped", request);
            return;
        }
        boolean isWaiting = false;
        try {
            AtomicBoolean changed = new AtomicBoolean();
            int rcode = update(request, changed);
            if (changed.get()) {
                isWaiting = true;
                publish.get()
                        .whenComplete((served, failure) -> answers.execute(() -> {
                            updates.release();
                            updated(request, answer, failure == null ? rcode : Rcode.SERVFAIL);
                        }));
            } else {
                updated(request, answer, rcode);
            }
        } finally {
            if (!isWaiting) {
                updates.release();
            }
        }
    }

    private void updated(ZoneRequest request, Answer answer, int rcode) {
        if (rcode == Rcode.NOERROR) {
            log.info("{}: done", request);
        } else {
            refusals.refused(request, Rcode.string(rcode));
        }
        reply(Kind.UPDATE, request, answer, rcode);
    }

    /** RFC 2136 section 3.1, 3.2, 3.4. */
    private int update(ZoneRequest request, AtomicBoolean changed) {
        @Nullable Record question = request.question();
        if (question == null) {
            return request.questionError();
        }
        if (question.getType() != Type.SOA) {
            return Rcode.FORMERR;
        }
        synchronized (zones) {
            @Nullable LiveZone zone = zones.find(question.getName());
            if (zone == null) {
                return Rcode.NOTAUTH;
            }
            @Nullable AccessRule rule = request.admitted(zone.policy().update());
            int rcode = rule == null ? Rcode.REFUSED : update(request.message(), zone, rule);
            @Nullable LiveZone after = zones.find(question.getName());
            changed.set(
                    after != null && after.content().serial() != zone.content().serial());
            return rcode;
        }
    }

    private int update(Message message, LiveZone zone, AccessRule rule) {
        boolean isFollowed = zones.isBehind();
        try {
            UpdatePrerequisites.check(zone.content(), message.getSection(Section.PREREQ));
            ZoneDelta delta = ZoneUpdate.of(zone, rule, message.getSection(Section.UPDATE));
            if (delta.from().getSerial() != delta.to().getSerial()) {
                zones.update(zone, delta);
            }
            return Rcode.NOERROR;
        } catch (UpdateRefusal e) {
            return e.rcode();
        } catch (InvalidZoneException e) {
            log.info("an update of zone {} is refused: {}", zone.origin(), e.getMessage());
            return Rcode.REFUSED;
        } catch (ControlStoreException e) {
            log.error("an update of zone {} cannot be kept: {}", zone.origin(), e.toString());
            if (!isFollowed && zones.isBehind()) {
                // one that is written late after all is served, whatever its sender was told; once, however many come
                // meanwhile; and when it never is, the zones have to be taken all the same before the next one
                zones.settled().handle((done, failure) -> publish.get());
            }
            return Rcode.SERVFAIL;
        }
    }

    /** Of what cannot be read, the identifier and opcode can. */
    private static byte[] formatError(byte[] bytes) {
        Message response = new Message((bytes[0] & 0xff) << 8 | (bytes[1] & 0xff));
        response.getHeader().setOpcode(bytes[2] >> 3 & 15);
        response.getHeader().setFlag(Flags.QR);
        response.getHeader().setRcode(Rcode.FORMERR);
        return response.toWire();
    }

    @Override
    public void close() {
        notifier.close();
        secondaries.close();
        work.shutdownNow();
        transfers.shutdownNow();
        answers.shutdownNow();
    }
}
