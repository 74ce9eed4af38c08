package com.kingcdn.edge;

import com.kingcdn.edge.agent.EdgeAgent;
import com.kingcdn.edge.web.ContentServer;
import java.net.BindException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/**
 * The order in which an edge comes up and goes down: what it remembers, the content port, the control plane; and back. It is started
 * last and stopped first, so everything it uses is there as long as a response is under way. Where there is time to leave, it goes on
 * with all of it for as long after it has told the redirector.
 */
final class EdgeLifecycle implements SmartLifecycle, HealthIndicator {

    private static final Logger LOG = LoggerFactory.getLogger(EdgeLifecycle.class);

    /** The part of the time to leave in which each response is its connection's last: by then few still come by an answer of DNS. */
    private static final int LAST_RESPONSES = 5;

    private final ContentServer server;
    private final @Nullable EdgeAgent agent;
    private final Leave leave;
    private volatile boolean running;

    /** Of an edge that follows a control plane. */
    EdgeLifecycle(ContentServer server, EdgeAgent agent, Leave leave) {
        this.server = server;
        this.agent = agent;
        this.leave = leave;
    }

    /** Of an edge that stands alone: no redirector names it, so it just ends. */
    EdgeLifecycle(ContentServer server) {
        this.server = server;
        this.agent = null;
        this.leave = new Leave(Duration.ZERO, status -> {});
    }

    @Override
    public void start() {
        if (agent != null) {
            agent.restore();
        }
        try {
            server.start();
        } catch (BindException e) {
            throw new ListenFailure(e);
        }
        running = true;
        if (agent != null) {
            agent.start(this::isReady);
        }
    }

    @Override
    public void stop() {
        running = false;
        if (agent != null) {
            if (leave.isGranted()) {
                leave(agent);
            }
            agent.stop();
        }
        server.stop();
    }

    private void leave(EdgeAgent told) {
        LOG.info("leaving: no new answers shall name this node; it serves for another {}", leave.time());
        told.reportNow();
        Duration last = leave.time().dividedBy(LAST_RESPONSES);
        if (leave.await(leave.time().minus(last))) {
            server.announceStop();
            leave.await(last);
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private boolean isReady() {
        return running && (agent == null || agent.isConfigured());
    }

    /** Readiness: the content port is open, and there is a configuration to serve by. */
    @Override
    public Health health() {
        return (isReady() ? Health.up() : Health.outOfService()).build();
    }

    /** Thrown when the content port cannot be opened. */
    static final class ListenFailure extends RuntimeException {

        private static final long serialVersionUID = 1;

        ListenFailure(BindException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
