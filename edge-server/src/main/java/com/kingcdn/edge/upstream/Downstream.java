package com.kingcdn.edge.upstream;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The client's side of a request: what is told to the origin about it, and the content it sends.
 *
 * @param scheme {@code http} or {@code https}, as the client came
 * @param clientAddress an address literal without brackets, or null when it shall not be told
 * @param body the request's content, which can be subscribed to once and whose buffers are released by who gets them; null for none
 */
public record Downstream(String scheme, @Nullable String clientAddress, @Nullable Flux<ByteBuf> body) {

    /** Nobody: a request of the edge's own, such as a background revalidation. */
    public static final Downstream NONE = new Downstream("http", null, null);

    /** The same client without its content. */
    public Downstream withoutBody() {
        return body == null ? this : new Downstream(scheme, clientAddress, null);
    }
}
