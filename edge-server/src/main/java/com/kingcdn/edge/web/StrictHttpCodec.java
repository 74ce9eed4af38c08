package com.kingcdn.edge.web;

import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/** The HTTP/1.1 codec of one connection: {@link StrictRequestDecoder}, and an encoder that knows which responses answer HEAD. */
final class StrictHttpCodec
        extends CombinedChannelDuplexHandler<StrictRequestDecoder, StrictHttpCodec.ResponseEncoder> {

    static final int TARGET_LIMIT = 16 * 1024;
    static final int FIELDS_LIMIT = 32 * 1024;

    /** Room in the request line for the method and the version beside the target. */
    private static final int LINE_LIMIT = TARGET_LIMIT + 64;

    StrictHttpCodec(long headNanos, BooleanSupplier onHeadTimeout) {
        // methods of requests whose responses have not begun; as many as the traffic handler behind us queues
        Deque<HttpMethod> pending = new ArrayDeque<>(4);
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE_LIMIT)
                .setMaxHeaderSize(FIELDS_LIMIT)
                .setStrictLineParsing(true)
                // Content-Length beside Transfer-Encoding is an error (RFC 9112 section 6.3), whatever the system
                // properties say
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false);
        init(new StrictRequestDecoder(config, pending, headNanos, onHeadTimeout), new ResponseEncoder(pending));
    }

    /** Whether the next octet is the first of a request, and nothing that came before waits to be read. */
    boolean isBetweenRequests() {
        return inboundHandler().isBetweenRequests();
    }

    /** Writes no content in answer to HEAD (RFC 9110 section 9.3.2). */
    static final class ResponseEncoder extends HttpResponseEncoder {

        private final Deque<HttpMethod> pending;

        ResponseEncoder(Deque<HttpMethod> pending) {
            this.pending = pending;
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                return super.isContentAlwaysEmpty(response);
            }
            HttpMethod method = pending.poll();
            return HttpMethod.HEAD.equals(method) || super.isContentAlwaysEmpty(response);
        }
    }
}
