package com.kingcdn.redirector.server;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The count of open connections, all together and by client. Thread-safe. */
final class ConnectionLimits {

    private final int most;
    private final int mostPerClient;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> byClient = new ConcurrentHashMap<>();

    ConnectionLimits(int most, int mostPerClient) {
        this.most = most;
        this.mostPerClient = mostPerClient;
    }

    /** Counts one more connection; false when it is one too many, and then it must not be released. */
    boolean acquire(InetAddress client) {
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            return false;
        }
        if (byClient.merge(client, 1, Integer::sum) > mostPerClient) {
            release(client);
            return false;
        }
        return true;
    }

    void release(InetAddress client) {
        open.decrementAndGet();
        byClient.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
    }

    int open() {
        return open.get();
    }
}
