package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.upstream.UpstreamException;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What came of asking upstream. */
sealed interface FetchOutcome {

    /** To be done before those who waited are served: what is short is brought now, so that they find it whole. */
    default void begin() {}

    /**
     * To be done when everybody who waited has been served: what nobody took is given up, and what many want is started.
     */
    default void settle() {}

    /**
     * An entry holds, or will hold, the response.
     *
     * @param status of the upstream response
     * @param filled whether it brought the content, which those who waited find before anything of it is given up
     * @param fill what brings its content; null when it is there already
     * @param detail why it is not listed, if so
     * @param withheld fields for the one who asked, and nobody else
     */
    record Stored(
            CacheEntry entry,
            int status,
            boolean filled,
            @Nullable Fill fill,
            @Nullable String detail,
            HeaderFields withheld)
            implements FetchOutcome {

        /** One whose content is on its way. */
        static Stored arriving(
                CacheEntry entry, int status, Fill fill, @Nullable String detail, HeaderFields withheld) {
            return new Stored(entry, status, true, fill, detail, withheld);
        }

        /** One whose content has come with the head; {@link CacheEntry#expectReaders readers are expected} already. */
        static Stored arrived(CacheEntry entry, int status, @Nullable String detail, HeaderFields withheld) {
            return new Stored(entry, status, true, null, detail, withheld);
        }

        /** One that a 304 has confirmed, though perhaps not for those who came after a purge. */
        static Stored confirmed(CacheEntry entry, @Nullable String detail, HeaderFields withheld) {
            return new Stored(entry, 304, false, null, detail, withheld);
        }

        @Override
        public void begin() {
            if (fill != null) {
                entry.expectReaders();
                if (fill.isShort()) {
                    fill.start();
                }
            }
        }

        @Override
        public void settle() {
            if (fill != null) {
                fill.start();
            }
            if (filled) {
                entry.expectNoMore();
            }
        }
    }

    /** Nothing was asked: between the look into the store and now, another fetch has brought what was wanted. */
    record Superseded() implements FetchOutcome {}

    /** Upstream failed, and this stale entry may stand in. */
    record StandIn(CacheEntry entry, int status, String detail) implements FetchOutcome {}

    /**
     * Upstream failed, and nothing can stand in for the one whose request it was.
     *
     * @param stale what was validated, if so: a part of it may be enough for others
     */
    record Failed(UpstreamException failure, @Nullable CacheEntry stale) implements FetchOutcome {}

    /** A response for the one who asked, and nobody else. */
    final class Passed implements FetchOutcome {

        private final UpstreamResponse response;
        private final String detail;
        private final AtomicBoolean taken = new AtomicBoolean();

        Passed(UpstreamResponse response, String detail) {
            this.response = response;
            this.detail = detail;
        }

        /** The response, to the first who comes; it is then that one's to consume. */
        @Nullable
        UpstreamResponse take() {
            return taken.compareAndSet(false, true) ? response : null;
        }

        String detail() {
            return detail;
        }

        int status() {
            return response.status();
        }

        /** Whether it is one that conditions are about (RFC 9110 section 13.2.1). */
        boolean isSuccess() {
            return response.status() / 100 == 2;
        }

        HeaderFields fields() {
            return response.fields();
        }

        @Override
        public void settle() {
            UpstreamResponse left = take();
            if (left != null) {
                left.discard();
            }
        }
    }
}
