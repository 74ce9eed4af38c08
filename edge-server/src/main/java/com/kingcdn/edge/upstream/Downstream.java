package com.kingcdn.edge.upstream;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The client's side of a request: what is told to the origin about it, the content it sends, and where interim responses go.
 *
 * @param scheme {@code http} or {@code https}, as the client came
 * @param clientAddress an address literal without brackets, or null when it shall not be told
 * @param body the request's content, which can be subscribed to once and whose buffers are released by who gets them; null for none
 * @param interim gets each interim response before the final one, or null to read over them
 * @param peer the edge that it is, or null for a client
 */
public record Downstream(
        String scheme,
        @Nullable String clientAddress,
        @Nullable Flux<ByteBuf> body,
        @Nullable InterimReceiver interim,
        @Nullable Peer peer) {

    /** Nobody: a request of the edge's own, such as a background revalidation. */
    public static final Downstream NONE = new Downstream("http", null, null, null);

    /** A client. */
    public Downstream(
            String scheme,
            @Nullable String clientAddress,
            @Nullable Flux<ByteBuf> body,
            @Nullable InterimReceiver interim) {
        this(scheme, clientAddress, body, interim, null);
    }

    /** The same client without its content. */
    public Downstream withoutBody() {
        return body == null ? this : new Downstream(scheme, clientAddress, null, interim, peer);
    }

    /** Where interim responses (RFC 9110 section 15.2) are passed on; called on the upstream connection's event loop. */
    @FunctionalInterface
    public interface InterimReceiver {

        /**
         * Takes one, at once.
         *
         * @param status 102 to 199
         * @param fields without those that belong to the connection
         */
        void interim(int status, HeaderFields fields);
    }
}
