package com.kingcdn.redirector.transfer;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many threads each primary may keep busy at a time. One that has not yet answered, or did not the last time, gets one, and all such
 * together half of them: however many hang, those that answer find a thread. Thread-safe.
 */
final class PrimaryGate {

    static final int MOST = 64;
    static final int MOST_UNPROVEN = 32;
    static final int MOST_OF_ONE = 4;

    private static final class Load {
        private int busy;
        private boolean proven;
    }

    private final Map<InetSocketAddress, Load> loads = new HashMap<>();
    private int busy;
    private int busyUnproven;

    /** Whether a thread may turn to this primary now; then {@link #leave} has to follow. */
    synchronized boolean enter(InetSocketAddress primary) {
        Load load = loads.computeIfAbsent(primary, none -> new Load());
        boolean free = load.proven ? load.busy < MOST_OF_ONE : load.busy == 0 && busyUnproven < MOST_UNPROVEN;
        if (!free || busy == MOST) {
            return false;
        }
        count(load, 1);
        return true;
    }

    /** @param answered whether the primary did what it was asked for */
    synchronized void leave(InetSocketAddress primary, boolean answered) {
        @Nullable Load load = loads.get(primary);
        if (load == null) {
            throw new IllegalStateException(primary + " was not entered");
        }
        count(load, -1);
        if (load.proven != answered) {
            busyUnproven += answered ? -load.busy : load.busy;
            load.proven = answered;
        }
    }

    private void count(Load load, int by) {
        load.busy += by;
        busy += by;
        busyUnproven += load.proven ? 0 : by;
    }

    /** Forgets primaries that are none any more. */
    synchronized void keepOnly(Set<InetSocketAddress> primaries) {
        loads.entrySet().removeIf(entry -> entry.getValue().busy == 0 && !primaries.contains(entry.getKey()));
    }
}
