package com.kingcdn.edge.cache;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * What a client is to be sent. It holds memory or a connection until its body has been consumed, or it is {@link #close() closed}.
 *
 * @param status 200 to 599
 * @param fields to be sent as they are, without content-length, age, via and cache-status, which the other components give
 * @param ageSeconds for the Age field (RFC 9111 section 5.1); {@link #NO_AGE} to send none
 * @param contentLength for the Content-Length field, with HEAD too; {@link #UNKNOWN_LENGTH} to send none
 * @param body what follows the head
 * @param cacheStatus for the Cache-Status field
 */
public record EdgeResponse(
        int status, HeaderFields fields, long ageSeconds, long contentLength, Body body, CacheStatus cacheStatus) {

    /** No Age field. */
    public static final long NO_AGE = -1;

    /** No Content-Length field: there is no content, or its end is not known beforehand. */
    public static final long UNKNOWN_LENGTH = -1;

    /** What follows a response's head. */
    public sealed interface Body {}

    /** Nothing: the answer to HEAD, a 304, a 204. */
    public record None() implements Body {}

    /**
     * The whole content, at hand.
     *
     * @param content owned by who takes the response: to be written or released once
     */
    public record Whole(ByteBuf content) implements Body {}

    /**
     * Content that comes as it is asked for.
     *
     * @param content to be subscribed to once; each buffer is owned by the subscriber. An error means that the message must not look
     *     complete: the connection is to be cut. No thread is promised
     * @param abandon gives up what it holds, if it was not subscribed to; may be run at any time, more than once
     */
    public record Streamed(Flux<ByteBuf> content, Runnable abandon) implements Body {}

    /**
     * No content of an origin: the edge explains the status in its own words.
     *
     * @param detail what happened to this request, for a problem's {@code detail} (RFC 9457)
     */
    public record Problem(String detail) implements Body {}

    private static final Body NONE = new None();

    /** A response of a head only. */
    static EdgeResponse head(
            int status, HeaderFields fields, long ageSeconds, long contentLength, CacheStatus cacheStatus) {
        return new EdgeResponse(status, fields, ageSeconds, contentLength, NONE, cacheStatus);
    }

    /** An error that the edge itself answers. */
    static EdgeResponse problem(int status, HeaderFields fields, @Nullable String detail, CacheStatus cacheStatus) {
        Body body = new Problem(detail == null ? "" : detail);
        return new EdgeResponse(status, fields, NO_AGE, UNKNOWN_LENGTH, body, cacheStatus);
    }

    /** The same with these fields instead of its own. */
    EdgeResponse with(HeaderFields others) {
        return others.equals(fields)
                ? this
                : new EdgeResponse(status, others, ageSeconds, contentLength, body, cacheStatus);
    }

    /** The same with these fields beside its own. */
    EdgeResponse plus(HeaderFields more) {
        if (more.size() == 0) {
            return this;
        }
        return new EdgeResponse(status, fields.plus(more), ageSeconds, contentLength, body, cacheStatus);
    }

    /** Gives up a response that will not be sent. Not to be called once its body has been written or subscribed to. */
    public void close() {
        if (body instanceof Whole whole) {
            whole.content().release();
        } else if (body instanceof Streamed streamed) {
            streamed.abandon().run();
        }
    }
}
