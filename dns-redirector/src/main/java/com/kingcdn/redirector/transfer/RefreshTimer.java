package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.RemoteServer;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.SOARecord;

/**
 * When one copied zone is to be looked after next, by which of its primaries, and until when its copy counts: by the timers of its SOA (RFC
 * 1035 section 3.3.13) and by notices (RFC 1996). Times are Unix time in milliseconds, of a clock that may be set back. Safe for several
 * threads; who needs more than one step at a time holds its monitor.
 */
final class RefreshTimer {

    /** A primary is asked no sooner after it was last asked because of a notice: anybody can send these in its name. */
    static final long NOTICE_MILLIS = 1_000;

    /** How long a notice waits for its sender, when others keep that busy, before another primary is asked in its place. */
    static final long PATIENCE_MILLIS = 10_000;

    private static final long LEAST_MILLIS = 5_000;
    private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(1);
    /** A zone that never came is asked for ever more seldom, up to 16 times as seldom. */
    private static final int MOST_DOUBLINGS = 4;

    private long dueAtMillis;
    private long confirmedAtMillis;
    /** When it was last looked after. */
    private long endedAtMillis;

    private boolean busy;
    /** Who has given notice and has not been asked since, in the order in which that came. */
    private final Set<RemoteServer> senders = new LinkedHashSet<>();
    /** Whether the primary that is asked is the sender of a notice, and it was not its turn. */
    private boolean outOfTurn;
    /** Which of the primaries is to be asked, were it not for notices. */
    private int primary;
    /** Whether one has failed, and the next one is to be asked at once. */
    private boolean othersLeft;
    /** Rounds in which none of them answered. */
    private int failures;

    /**
     * A notice has come; those that come faster than a primary may be asked are one.
     *
     * @param from the primary that has sent it, which is asked first: the others may not have the change yet (RFC 1996 section 3.11)
     * @return whether it is due now
     */
    synchronized boolean notified(long now, RemoteServer from) {
        senders.add(from);
        if (busy) {
            return false;
        }
        // a clock that was set back must not put it off
        long earliest = endedAtMillis > now ? now : endedAtMillis + NOTICE_MILLIS;
        dueAtMillis = Math.min(dueAtMillis, Math.max(now, earliest));
        return dueAtMillis <= now;
    }

    /** Whether it is to be looked after and nobody does. */
    synchronized boolean isDue(long now) {
        // it cannot have been looked after later than now: the clock has been set back, and must not put it off
        return !busy && (dueAtMillis <= now || endedAtMillis > now);
    }

    /** Since when it is due, or when it will be. */
    synchronized long dueAtMillis() {
        return dueAtMillis;
    }

    /**
     * Begins to look after it; {@link #end} has to follow when there is anybody to ask.
     *
     * @param enter whether this primary can be asked now
     * @return the sender of a notice, else the one whose turn it is, or one after it when others wait for that one already; null when
     *     nobody can be asked now
     */
    synchronized @Nullable RemoteServer begin(List<RemoteServer> primaries, Predicate<RemoteServer> enter, long now) {
        // never while others are left: notices in the name of one that hangs would keep these from their turn
        @Nullable RemoteServer sender = othersLeft ? null : firstSender(primaries);
        if (sender != null) {
            if (enter.test(sender)) {
                outOfTurn = primaries.indexOf(sender) > 0;
                return asked(sender);
            }
            if (now >= dueAtMillis && now - dueAtMillis < PATIENCE_MILLIS) {
                return null;
            }
            senders.remove(sender);
        }
        for (int i = 0; i < primaries.size(); i++) {
            int next = (primary + i) % primaries.size();
            if (enter.test(primaries.get(next))) {
                primary = next;
                outOfTurn = false;
                return asked(primaries.get(next));
            }
        }
        return null;
    }

    private @Nullable RemoteServer firstSender(List<RemoteServer> primaries) {
        // the configuration may have changed
        senders.removeIf(sender -> !primaries.contains(sender));
        return senders.isEmpty() ? null : senders.iterator().next();
    }

    private RemoteServer asked(RemoteServer server) {
        senders.remove(server);
        busy = true;
        dueAtMillis = Long.MAX_VALUE;
        return server;
    }

    /**
     * It has been looked after.
     *
     * @param soa of the copy that is there now, or null when there is none
     * @param confirmedAt when the zone's owner had the copy that is there, as far as the primary knows, now at the latest; null when it does
     *     not have that
     * @param primaries how many there are
     */
    synchronized void end(@Nullable SOARecord soa, @Nullable Long confirmedAt, int primaries, long now) {
        busy = false;
        boolean confirmed = confirmedAt != null;
        boolean settled = confirmedAt != null && isRecent(soa, confirmedAt, now);
        // after a sender in vain all have their turn
        primary = settled || outOfTurn ? 0 : (primary + 1) % primaries;
        othersLeft = !settled && (outOfTurn || primary > 0);
        if (confirmedAt != null) {
            // another may have known better (RFC 7314 section 4)
            confirmedAtMillis = Math.max(Math.min(confirmedAtMillis, now), confirmedAt);
            failures = 0;
        } else if (!othersLeft) {
            failures++;
        }
        dueAtMillis = othersLeft ? now : now + wait(soa, confirmed, now);
        if (!senders.isEmpty()) {
            dueAtMillis = Math.min(dueAtMillis, now + NOTICE_MILLIS);
        }
        endedAtMillis = now;
    }

    /**
     * Whether a copy that has confirmed ours follows the zone itself: one that has not done so for longer than it waits for that has lost
     * its own primary, and would have ours expire with it while others could be asked.
     */
    private static boolean isRecent(@Nullable SOARecord soa, long confirmedAt, long now) {
        return soa == null || now - confirmedAt <= TimeUnit.SECONDS.toMillis(soa.getRefresh() + soa.getRetry());
    }

    private long wait(@Nullable SOARecord soa, boolean confirmed, long now) {
        if (soa == null) {
            return LEAST_MILLIS << Math.min(Math.max(failures - 1, 0), MOST_DOUBLINGS);
        }
        long wait = TimeUnit.SECONDS.toMillis(confirmed ? soa.getRefresh() : soa.getRetry());
        // a copy that nobody asks for again before it expires would end although its primary is there
        long left = Math.min(confirmedAtMillis, now) + TimeUnit.SECONDS.toMillis(soa.getExpire()) - now;
        return Math.max(LEAST_MILLIS, Math.min(Math.min(wait, left / 2), MOST_MILLIS));
    }

    /** The zone's owner had the copy that is there at that time. */
    synchronized void confirmed(long atMillis) {
        confirmedAtMillis = atMillis;
    }

    synchronized long confirmedAtMillis() {
        return confirmedAtMillis;
    }

    /** Whether no primary has confirmed the copy for the zone's expiry time. */
    synchronized boolean hasExpired(SOARecord soa, long now) {
        // a clock that is set back makes no copy last longer
        confirmedAtMillis = Math.min(confirmedAtMillis, now);
        return now - confirmedAtMillis > TimeUnit.SECONDS.toMillis(soa.getExpire());
    }
}
