package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.EventExecutor;

/**
 * One exchange as its version of HTTP carries it: where the request's content comes from and its response goes to. To be used on
 * {@link #loop} only, but for {@link #interim}.
 *
 * <p>A response is {@link #respond} alone, or {@link #begin}, any number of {@link #write} and {@link #end}; {@link #cut} breaks it off.
 * What is written goes out by itself once the event loop has done what is at hand, so that a head and what follows at once leave
 * together.
 */
interface ClientStream {

    ClientConnection connection();

    /** The connection's event loop. */
    default EventExecutor loop() {
        return connection().loop();
    }

    /** Takes who is to be told when the client has gone. */
    void attach(ClientExchange exchange);

    /** The request's content, which is asked for once at most. */
    ClientContent content(long limit);

    /** Sends an interim response (RFC 9110 section 15.2), unless the version has none or the final one has begun; from any thread. */
    void interim(int status, HeaderFields fields);

    /** Whether a final response has begun. */
    boolean hasBegun();

    /** Makes the response the connection's last, where what follows on it could not be trusted. */
    void closeAfter();

    /** Writes a whole response. The content is then the stream's; empty for none. */
    void respond(ResponseHead head, ByteBuf content);

    /** Writes the head of a response whose content follows. */
    void begin(ResponseHead head);

    /**
     * Writes a piece of content, which is then the stream's.
     *
     * @param last whether nothing follows
     */
    ChannelFuture write(ByteBuf content, boolean last);

    /** Ends a response, all of which has been written. */
    void end();

    /** Breaks a response off, so that no client takes a part for the whole. */
    void cut();
}
