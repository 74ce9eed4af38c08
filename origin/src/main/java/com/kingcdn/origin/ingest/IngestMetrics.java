package com.kingcdn.origin.ingest;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The metrics of uploads. */
public final class IngestMetrics {

    /** How an upload ended. */
    enum Outcome {
        CREATED,
        REPLACED,
        /** The client asked for something that cannot be. */
        REFUSED,
        /** Cut off, or silent for too long. */
        ABORTED,
        /** The store is full or broken. */
        FAILED
    }

    private final Map<Outcome, Counter.Child> uploads = new EnumMap<>(Outcome.class);
    private final Counter.Child receivedBytes;
    private final Gauge.Child running;

    public IngestMetrics(CollectorRegistry registry) {
        Counter total = Counter.build("kingcdn_origin_uploads_total", "Uploads that ended, by outcome.")
                .labelNames("outcome")
                .register(registry);
        for (Outcome outcome : Outcome.values()) {
            uploads.put(outcome, total.labels(outcome.name().toLowerCase(Locale.ROOT)));
        }
        receivedBytes = Counter.build("kingcdn_origin_received_bytes_total", "Bytes of content written by uploads.")
                .register(registry)
                .labels();
        running = Gauge.build("kingcdn_origin_uploads_running", "Uploads under way.")
                .register(registry)
                .labels();
    }

    void began() {
        running.inc();
    }

    void ended(Outcome outcome) {
        running.dec();
        Counter.Child counter = uploads.get(outcome);
        if (counter != null) {
            counter.inc();
        }
    }

    void received(int bytes) {
        receivedBytes.inc(bytes);
    }
}
