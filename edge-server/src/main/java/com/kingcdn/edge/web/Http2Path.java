package com.kingcdn.edge.web;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.concurrent.FastThreadLocal;

/** The pipeline of a connection that speaks HTTP/2, and what all such connections share. */
final class Http2Path {

    private final EdgeHandler edge;
    private final ContentServerProperties settings;
    private final int concurrentStreams;
    private final ResponseLines lines;
    private final FastThreadLocal<Http2HeadWriter> heads = new FastThreadLocal<>() {
        @Override
        protected Http2HeadWriter initialValue() {
            return new Http2HeadWriter(lines);
        }
    };

    Http2Path(EdgeHandler edge, ContentServerProperties settings, int concurrentStreams, ResponseLines lines) {
        this.edge = edge;
        this.settings = settings;
        this.concurrentStreams = concurrentStreams;
        this.lines = lines;
    }

    /** Prepares a connection whose handshake is done. */
    void prepare(Channel channel) {
        Http2Settings local = Http2Settings.defaultSettings()
                .maxConcurrentStreams(concurrentStreams)
                .maxHeaderListSize(StrictRequestDecoder.FIELDS_LIMIT + StrictRequestDecoder.TARGET_LIMIT);
        channel.pipeline()
                .addLast(
                        "connection",
                        new Http2ClientConnection.Builder(this, TlsConnection.of(channel), local).build());
    }

    EdgeHandler edge() {
        return edge;
    }

    ResponseLines lines() {
        return lines;
    }

    /** That of the calling event loop. */
    Http2HeadWriter heads() {
        return heads.get();
    }

    long idleNanos() {
        return settings.idleTimeout().toNanos();
    }

    long stallNanos() {
        return settings.stallTimeout().toNanos();
    }

    long readNanos() {
        return settings.readTimeout().toNanos();
    }

    long shutdownMillis() {
        return settings.shutdownTimeout().toMillis();
    }
}
