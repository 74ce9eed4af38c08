package com.kingcdn.redirector.server;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import java.time.Duration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * The end of connections of the control API whose client does not come to the end of its request, has gone without a word, or takes
 * nothing: who follows the map or the log holds a place, and the system would try for a quarter of an hour to bring it what it was sent
 * last (RFC 5482).
 */
public final class SilentClients implements NettyServerCustomizer {

    private final Duration patience;

    /** @param patience how long a request may take to come, and what was sent may stay without an acknowledgement */
    public SilentClients(Duration patience) {
        this.patience = patience;
    }

    @Override
    public HttpServer apply(HttpServer server) {
        HttpServer timed = server.doOnChannelInit((observer, channel, remote) -> channel.pipeline()
                .addBefore(NettyPipeline.HttpTrafficHandler, "request-deadline", new RequestDeadline(patience)));
        return Epoll.isAvailable()
                ? timed.childOption(EpollChannelOption.TCP_USER_TIMEOUT, Math.toIntExact(patience.toMillis()))
                : timed;
    }
}
