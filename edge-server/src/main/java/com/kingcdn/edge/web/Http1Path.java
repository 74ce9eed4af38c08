package com.kingcdn.edge.web;

import io.netty.channel.Channel;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Clock;

/** The pipeline of a connection that speaks HTTP/1.1, and what all such connections share. */
final class Http1Path {

    private final EdgeHandler edge;
    private final ContentServerProperties settings;
    private final FastThreadLocal<HeadReader> readers = new FastThreadLocal<>() {
        @Override
        protected HeadReader initialValue() {
            return new HeadReader();
        }
    };
    private final FastThreadLocal<Http1Writer> writers;
    private volatile boolean stopping;

    Http1Path(EdgeHandler edge, ContentServerProperties settings, String node, Clock clock) {
        this.edge = edge;
        this.settings = settings;
        this.writers = new FastThreadLocal<>() {
            @Override
            protected Http1Writer initialValue() {
                return new Http1Writer(node, clock);
            }
        };
    }

    /** From now on connections that are made end behind their first response. */
    void announceStop() {
        stopping = true;
    }

    /** Whether the server will stop soon. */
    boolean isStopping() {
        return stopping;
    }

    /** Prepares a connection, of which it is known by now whether it has TLS. */
    void prepare(Channel channel) {
        Http1Connection connection = new Http1Connection(this, TlsConnection.of(channel));
        channel.pipeline()
                .addLast("plain-requests", new PlainRequests(this, connection))
                .addLast("codec", connection.decoder())
                .addLast("connection", connection);
    }

    EdgeHandler edge() {
        return edge;
    }

    /** That of the calling event loop. */
    HeadReader reader() {
        return readers.get();
    }

    /** That of the calling event loop. */
    Http1Writer writer() {
        return writers.get();
    }

    long headNanos() {
        return settings.headTimeout().toNanos();
    }

    long idleNanos() {
        return settings.idleTimeout().toNanos();
    }

    long readNanos() {
        return settings.readTimeout().toNanos();
    }
}
