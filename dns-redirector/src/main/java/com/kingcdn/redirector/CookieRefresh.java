package com.kingcdn.redirector;

import com.kingcdn.redirector.query.CookieSecrets;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that keeps cookie secrets fresh, apart from those that answer queries. */
final class CookieRefresh implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CookieRefresh.class);
    private static final long SECONDS = 10;

    private final CookieSecrets secrets;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "cookie-secrets");
        thread.setDaemon(true);
        return thread;
    });

    CookieRefresh(CookieSecrets secrets, Clock clock) {
        this.secrets = secrets;
        executor.scheduleWithFixedDelay(() -> refresh(clock.millis()), SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    private void refresh(long nowMillis) {
        try {
            secrets.refresh(nowMillis);
        } catch (RuntimeException | Error e) {
            // a timer ends with what it throws, and one secret would be in use for good
            LOG.error("looking after cookie secrets failed; trying again", e);
        }
    }

    CookieSecrets secrets() {
        return secrets;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
