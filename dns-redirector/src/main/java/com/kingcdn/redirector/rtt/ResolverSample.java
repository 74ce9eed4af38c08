package com.kingcdn.redirector.rtt;

import java.net.InetAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The notes that event loops leave of who has asked: an array in which each query of a random few overwrites a random place. So a
 * query costs a random number and perhaps one write, with no lock and nothing allocated; what is overwritten before it is read is lost in
 * proportion, and the shares stay right. The busier, the fewer queries are noted.
 */
final class ResolverSample {

    private static final int PLACES = 4096;
    private static final int MOST_SKIPPING = 15;

    private final AtomicReferenceArray<@Nullable InetAddress> places = new AtomicReferenceArray<>(PLACES);

    /** One of 2 to the power of this many queries is noted. */
    private volatile int skipping;

    /** Of any thread, for each query. */
    void asked(InetAddress source) {
        int random = ThreadLocalRandom.current().nextInt();
        // the upper bits say whether, the lower ones where
        if ((random >>> Short.SIZE & (1 << skipping) - 1) == 0) {
            places.lazySet(random & (PLACES - 1), source);
        }
    }

    /** Takes all notes out, each with how many queries it stands for. For one thread. */
    void drain(ObjIntConsumer<InetAddress> consumer) {
        int each = 1 << skipping;
        int noted = 0;
        for (int i = 0; i < PLACES; i++) {
            InetAddress source = places.get(i) == null ? null : places.getAndSet(i, null);
            if (source != null) {
                noted++;
                consumer.accept(source, each);
            }
        }
        if (noted > PLACES / 2) {
            skipping = Math.min(MOST_SKIPPING, skipping + 1);
        } else if (noted < PLACES / 8) {
            skipping = Math.max(0, skipping - 1);
        }
    }
}
