package com.kingcdn.edge.limits;

import com.kingcdn.edge.limits.Admission.Denied;
import com.kingcdn.edge.limits.Admission.Granted;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What turns work away before memory is short: all requests that are not answered from memory at once pass here, and hold a place until
 * their response is over. Hits in memory go on, since they take no memory that is not taken already.
 */
public final class LoadShedder {

    private static final int RETRY_AFTER_SECONDS = 1;

    private final int most;
    private final long reserve;
    private final LongSupplier freeMemory;
    private final AtomicInteger underWay = new AtomicInteger();
    private final Granted place = underWay::decrementAndGet;

    /**
     * For one edge.
     *
     * @param freeMemory octets of direct memory that may still be taken
     */
    public LoadShedder(LimitProperties settings, LongSupplier freeMemory) {
        this.most = settings.concurrentRequests();
        this.reserve = settings.memoryReserve().toBytes();
        this.freeMemory = freeMemory;
        LimitMetrics.FREE_MEMORY.setChild(new io.prometheus.client.Gauge.Child() {
            @Override
            public double get() {
                return freeMemory.getAsLong();
            }
        });
    }

    /** Counts a request in, or turns it away. */
    public Admission admit() {
        if (underWay.incrementAndGet() > most) {
            return shed(LimitReason.EDGE_REQUESTS);
        }
        return freeMemory.getAsLong() < reserve ? shed(LimitReason.EDGE_MEMORY) : place;
    }

    private Denied shed(LimitReason reason) {
        underWay.decrementAndGet();
        LimitMetrics.limited(reason);
        return new Denied(reason, RETRY_AFTER_SECONDS);
    }

    /** Requests that hold a place. */
    int underWay() {
        return underWay.get();
    }
}
