package com.kingcdn.redirector.server;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import java.time.Duration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.http.server.HttpServer;

/**
 * The end of connections of the control API whose client has gone without a word, or takes nothing: who follows the map or the log holds a
 * place, and the system would try for a quarter of an hour to bring it what it was sent last (RFC 5482).
 */
public final class SilentClients implements NettyServerCustomizer {

    private final Duration patience;

    /** @param patience how long what was sent may stay without an acknowledgement */
    public SilentClients(Duration patience) {
        this.patience = patience;
    }

    @Override
    public HttpServer apply(HttpServer server) {
        return Epoll.isAvailable()
                ? server.childOption(EpollChannelOption.TCP_USER_TIMEOUT, Math.toIntExact(patience.toMillis()))
                : server;
    }
}
