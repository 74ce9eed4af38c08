package com.kingcdn.edge.web;

import io.netty.channel.Channel;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Clock;
import reactor.netty.NettyPipeline;

/** The short way of hits, which can be laid into a connection's pipeline: what its {@link HitHandler}s share. */
final class HitPath {

    private static final String NAME = "hits";

    private final EdgeHandler edge;
    private final FastThreadLocal<HeadReader> readers = new FastThreadLocal<>() {
        @Override
        protected HeadReader initialValue() {
            return new HeadReader();
        }
    };
    private final FastThreadLocal<HitWriter> writers;

    HitPath(EdgeHandler edge, String node, Clock clock) {
        this.edge = edge;
        this.writers = new FastThreadLocal<>() {
            @Override
            protected HitWriter initialValue() {
                return new HitWriter(node, clock);
            }
        };
    }

    /** Lays it before a connection's HTTP/1.1 codec. */
    void install(Channel channel, StrictHttpCodec codec, ConnectionGuard guard) {
        HitHandler handler = new HitHandler(this, TlsConnection.of(channel), codec, guard);
        channel.pipeline().addBefore(NettyPipeline.HttpCodec, NAME, handler);
    }

    EdgeHandler edge() {
        return edge;
    }

    /** That of the calling event loop. */
    HeadReader reader() {
        return readers.get();
    }

    /** That of the calling event loop. */
    HitWriter writer() {
        return writers.get();
    }
}
