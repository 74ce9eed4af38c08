package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ByteProcessor;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Netty's request decoder without its leniency: a request that two parsers could read in two ways is refused (RFC 9112 sections 2.2,
 * 5.1, 5.2). Netty itself would join folded lines, read over control characters, and wait for ever for the end of a head.
 */
final class StrictRequestDecoder extends HttpRequestDecoder {

    /** The longest target. */
    static final int TARGET_LIMIT = 16 * 1024;

    /** The longest header section of a client's request, in octets. */
    static final int FIELDS_LIMIT = 32 * 1024;

    /** Room for what an edge adds to a client's header section before it asks the next edge. */
    private static final int PEER_ROOM = 8 * 1024;

    /** Room in the request line for the method and the version beside the target. */
    private static final int LINE_LIMIT = TARGET_LIMIT + 64;

    private final HeadScanner scanner = new HeadScanner();
    private final TrailerScanner trailers = new TrailerScanner();
    private final long headNanos;
    private final Owner owner;
    private int scanned;
    private boolean inBody;
    private boolean refused;
    private @Nullable Future<?> timeout;
    private @Nullable ChannelHandlerContext here;

    /** Who answers the requests; asked on the event loop. */
    interface Owner {

        /** Whether the next request may be read. */
        boolean takesRequests();

        /** Told that a head has not come in time; false when it was us who did not read on, and its time begins anew. */
        boolean headTimedOut();
    }

    /**
     * For one connection.
     *
     * @param headNanos the longest time from a head's first byte to its last
     */
    StrictRequestDecoder(long headNanos, Owner owner) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE_LIMIT)
                .setMaxHeaderSize(FIELDS_LIMIT + PEER_ROOM)
                .setStrictLineParsing(true)
                // Content-Length beside Transfer-Encoding is an error (RFC 9112 section 6.3), whatever the system
                // properties say
                .setUseRfc9112TransferEncoding(true)
                .setAllowDuplicateContentLengths(false));
        this.headNanos = headNanos;
        this.owner = owner;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Exception {
        here = context;
        super.handlerAdded(context);
    }

    /** Whether octets wait here: of a head that is not all there, or behind a request that is under way. */
    boolean holds() {
        return actualReadableBytes() > 0;
    }

    /** Goes on with what waits, now that the owner takes requests again. */
    void resume() {
        ChannelHandlerContext context = here;
        if (context != null && holds()) {
            try {
                channelRead(context, Unpooled.EMPTY_BUFFER);
            } catch (Exception e) {
                context.fireExceptionCaught(e);
            }
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (refused) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        if (!inBody && !owner.takesRequests()) {
            return;
        }
        int before = out.size();
        boolean inHead = !inBody;
        if (inHead && !scan(buffer)) {
            out.add(malformed());
            buffer.skipBytes(buffer.readableBytes());
        } else if (inHead) {
            super.decode(context, buffer, out);
        } else {
            decodeContent(context, buffer, out);
        }
        for (int i = before; i < out.size(); i++) {
            note(out.get(i));
        }
        if (inHead) {
            boolean incomplete = out.size() == before;
            scanned = incomplete ? buffer.readableBytes() : 0;
            watch(context, incomplete);
        }
    }

    /** Netty reads the line of the last chunk and the trailers behind it in two calls, so that they can be looked at in between. */
    private void decodeContent(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (trailers.hasFoldedLine(buffer)) {
            LastHttpContent end = new DefaultLastHttpContent();
            end.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("folded line in trailers")));
            out.add(end);
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        int start = buffer.readerIndex();
        int before = out.size();
        super.decode(context, buffer, out);
        if (out.size() == before) {
            trailers.consumed(buffer, start);
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf buffer, List<Object> out) throws Exception {
        if (refused) {
            buffer.skipBytes(buffer.readableBytes());
        } else {
            super.decodeLast(context, buffer, out);
        }
    }

    /** Netty's own would read on for as long as what comes makes no request, whatever the owner says: all that a client sends. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        discardSomeReadBytes();
        context.fireChannelReadComplete();
    }

    /** Whether the next octet is the first of a request, and nothing that came before waits to be read. */
    boolean isBetweenRequests() {
        return !inBody && !refused && !scanner.hasBegun() && actualReadableBytes() == 0;
    }

    private void note(Object message) {
        if (message instanceof HttpRequest request) {
            refused = request.decoderResult().isFailure();
            inBody = true;
        }
        if (message instanceof LastHttpContent last) {
            refused |= last.decoderResult().isFailure();
            inBody = false;
            scanner.reset();
            trailers.reset();
        }
    }

    /** Looks at each byte of a head once; false for one that may not stand there. Netty leaves an incomplete line in the buffer. */
    private boolean scan(ByteBuf buffer) {
        int stop = buffer.forEachByte(buffer.readerIndex() + scanned, buffer.readableBytes() - scanned, scanner);
        return stop < 0 || scanner.isAtEnd();
    }

    private static HttpRequest malformed() {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
        request.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("malformed head")));
        return request;
    }

    /** Heads that come in one piece, nearly all, cost no timer. */
    private void watch(ChannelHandlerContext context, boolean incomplete) {
        if (incomplete && timeout == null && scanner.hasBegun()) {
            schedule(context);
        } else if (!incomplete) {
            cancelWatch();
        }
    }

    private void schedule(ChannelHandlerContext context) {
        timeout = context.executor()
                .schedule(
                        () -> {
                            if (!owner.headTimedOut()) {
                                schedule(context);
                            }
                        },
                        headNanos,
                        TimeUnit.NANOSECONDS);
    }

    private void cancelWatch() {
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) throws Exception {
        cancelWatch();
        super.handlerRemoved0(context);
    }

    /** Stops at a byte that no head may contain where it stands, or behind the head's end. */
    private static final class HeadScanner implements ByteProcessor {

        private static final int SEPARATORS = 2;
        private static final int VERSION_LENGTH = 8;

        private int previous;
        private int spaces;
        private int versionLength;
        private boolean lineIsEmpty = true;
        private boolean firstLine = true;
        private boolean atEnd;
        private boolean begun;

        @Override
        public boolean process(byte value) {
            begun = true;
            boolean fine =
                    switch (value) {
                        case '\n' -> previous == '\r' && endLine();
                        case ' ' -> !lineIsEmpty && (!firstLine || isSeparator());
                        case '\t' -> !lineIsEmpty && !firstLine;
                        case 0 -> false;
                        case '\r' -> previous != '\r';
                        default -> previous != '\r' && (!firstLine || spaces < SEPARATORS || isOfVersion(value));
                    };
            if (value != '\n' && value != '\r') {
                lineIsEmpty = false;
            }
            previous = value;
            return fine;
        }

        /** A request line has two single spaces (RFC 9112 section 3). */
        private boolean isSeparator() {
            return previous != ' ' && ++spaces <= SEPARATORS;
        }

        /** {@code HTTP/}, a digit, a dot and a digit (RFC 9112 section 2.3). */
        private boolean isOfVersion(byte value) {
            int at = versionLength++;
            return switch (at) {
                case 0, 1, 2, 3, 4 -> value == "HTTP/".charAt(at);
                case 5, 7 -> value >= '0' && value <= '9';
                case 6 -> value == '.';
                default -> false;
            };
        }

        private boolean endLine() {
            if (firstLine && !lineIsEmpty && versionLength != VERSION_LENGTH) {
                return false;
            }
            if (lineIsEmpty && !firstLine) {
                atEnd = true;
                return false;
            }
            // empty lines before a request line are read over (RFC 9112 section 2.2)
            firstLine &= lineIsEmpty;
            lineIsEmpty = true;
            return true;
        }

        boolean isAtEnd() {
            return atEnd;
        }

        boolean hasBegun() {
            return begun;
        }

        void reset() {
            previous = 0;
            spaces = 0;
            versionLength = 0;
            lineIsEmpty = true;
            firstLine = true;
            atEnd = false;
            begun = false;
        }
    }
}
