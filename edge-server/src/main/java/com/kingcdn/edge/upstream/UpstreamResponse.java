package com.kingcdn.edge.upstream;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * An origin's final response.
 *
 * @param status 200 to 599; interim responses have been read over
 * @param fields without those that belong to the connection; {@code content-length} is there only if exactly that many bytes will come
 *     (or would have come, for HEAD and 304)
 * @param body must be subscribed to once, or {@link #discard() discarded}: it holds a connection. Each buffer is owned by the
 *     subscriber, who releases it. Nothing is read from the network beyond what is requested, so a slow subscriber holds the origin
 *     back. Cancelling closes the connection. Fails with an {@link UpstreamException}, of kind TRUNCATED when fewer bytes came than
 *     were announced
 */
public record UpstreamResponse(int status, HeaderFields fields, Flux<ByteBuf> body) {

    /**
     * All of the content, if it has come already: then it is the caller's, and the body is not to be subscribed to any more.
     *
     * @param most octets that are wanted at once
     * @return at least one octet, to be released by the caller; null when there is more to come, or it is longer: then the body is as it
     *     was
     */
    public @Nullable ByteBuf takeWhole(int most) {
        return body instanceof ResponseContent content ? content.takeWhole(most) : null;
    }

    /** Gives the connection up without reading the content. */
    public void discard() {
        body.subscribe(ByteBuf::release, failure -> {}).dispose();
    }
}
