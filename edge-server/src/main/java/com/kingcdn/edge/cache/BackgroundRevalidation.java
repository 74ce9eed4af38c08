package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.EntryReader;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Semaphore;

/**
 * The validation of an entry that was just served stale (stale-while-revalidate, RFC 5861 section 3), on no client's account. New
 * content is fetched as far as a client's would be read ahead; the rest waits for somebody to want it.
 */
final class BackgroundRevalidation {

    /** How many run at once; what does not fit is left to the next request for it. */
    private static final int MOST = 256;

    private final RequestCoalescer coalescer;
    private final OriginFetch fetches;
    private final Semaphore permits = new Semaphore(MOST);

    BackgroundRevalidation(RequestCoalescer coalescer, OriginFetch fetches) {
        this.coalescer = coalescer;
        this.fetches = fetches;
    }

    /** Starts, unless a validation of this entry is under way. */
    void start(Exchange exchange, CacheEntry stale) {
        RequestCoalescer.Key key = new RequestCoalescer.Key(exchange.key(), stale.id());
        if (coalescer.isFetching(key) || !permits.tryAcquire()) {
            return;
        }
        Exchange own = exchange.ownAccount();
        coalescer.join(key, new Wait(own), landing -> fetches.validate(own, stale, landing));
    }

    private final class Wait implements RequestCoalescer.Waiter {

        private final Exchange own;

        Wait(Exchange own) {
            this.own = own;
        }

        @Override
        public void joined(RequestCoalescer.Flight flight) {
            // it stays to the end
        }

        @Override
        public void landed(FetchOutcome outcome, boolean leader) {
            permits.release();
            keepGoing(own, outcome);
        }

        /** It is counted by the upstream; what is stored stays as it is. */
        @Override
        public void failed(Throwable failure) {
            permits.release();
        }
    }

    /** Reads the beginning, so that somebody wants it. */
    private static void keepGoing(Exchange own, FetchOutcome outcome) {
        if (outcome instanceof FetchOutcome.Stored stored && stored.fill() != null) {
            EntryReader reader = stored.entry().read(0, CacheEntry.READ_AHEAD, (entry, first, end) -> {
                throw new FillException(FillException.Kind.LOST, "the fetch of " + own.key() + " has ended");
            });
            reader.subscribe(ByteBuf::release, failure -> {});
        }
    }
}
