package com.kingcdn.edge;

import com.kingcdn.edge.agent.EdgeAgent;
import com.kingcdn.edge.web.ContentServer;
import java.net.BindException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.SmartLifecycle;

/**
 * The order in which an edge comes up and goes down: what it remembers, the content port, the control plane; and back. It is started
 * last and stopped first, so everything it uses is there as long as a response is under way.
 */
final class EdgeLifecycle implements SmartLifecycle, HealthIndicator {

    private final ContentServer server;
    private final @Nullable EdgeAgent agent;
    private volatile boolean running;

    /** Of an edge that follows a control plane, or with a null agent one that stands alone. */
    EdgeLifecycle(ContentServer server, @Nullable EdgeAgent agent) {
        this.server = server;
        this.agent = agent;
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
            agent.stop();
        }
        server.stop();
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
