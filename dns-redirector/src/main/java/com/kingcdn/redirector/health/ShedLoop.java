package com.kingcdn.redirector.health;

import com.kingcdn.redirector.routing.ShedShare;

/**
 * The control loop of one cluster: how much of its own clients it sends on, and how much of its guests it takes in. Pure; not
 * thread-safe.
 *
 * <p>What a loop decides shows in the load only when resolvers ask again. So each decision is followed by an estimate of how much of it
 * can be seen already ({@link Tick#lagSeconds}), and what cannot is reckoned to the load before the next one: without that a loop goes on
 * shedding until the first effect shows, far too much. Giving back is judged by the peak of the last minutes, so that a load that
 * swings faster than that moves nobody.
 */
final class ShedLoop {

    /** Above this utilisation a cluster sends clients on. */
    static final double TARGET = 0.85;

    /** Up to this utilisation it takes guests in. */
    static final double OPEN = 0.8;

    /** Below this it takes its clients back. */
    static final double RETURN = 0.65;

    /**
     * A step of the clock.
     *
     * @param seconds since the last round
     * @param lagSeconds after which two thirds of a decision show: the TTL of addresses, and the time of a report
     */
    record Tick(double seconds, double lagSeconds) {

        private double seen() {
            return 1 - Math.exp(-seconds / lagSeconds);
        }
    }

    /** What part of what it lacks a share makes up for in a second, and the most that it grows. */
    private static final double CATCH_UP = 0.2;

    private static final double FASTEST_RISE = 0.02;
    private static final double FASTEST_FALL = 0.005;

    /** A difference in the share of guests that is worth a change. */
    private static final double LEAST_CHANGE = 0.05;

    private double own;
    /** What of the demand goes, by what others take, and what of that shows. */
    private double gone;

    private double goneVisible;
    private double admitted = 1;
    private double guestsVisible;
    private final PeakHold load = new PeakHold();
    private final PeakHold demand = new PeakHold();

    /** The load it would have if all its clients came, of what it has now. */
    double demand(double load) {
        return load / Math.max(0.05, 1 - goneVisible);
    }

    ShedShare share() {
        return new ShedShare(1 - admitted, own);
    }

    /**
     * One round.
     *
     * @param utilisation of the cluster now, 1 when it is full
     * @param spill what other clusters send on now, as a part of this cluster's capacity: if all of it came
     * @param welcome what part of its own clients finds another cluster, when it sends them on, 0 to 1
     */
    void step(double utilisation, double spill, double welcome, Tick tick) {
        goneVisible += (gone - goneVisible) * tick.seen();
        guestsVisible += (admitted * spill - guestsVisible) * tick.seen();
        load.add(utilisation, tick.seconds());
        demand.add(demand(utilisation), tick.seconds());
        admit(utilisation, spill);
        double leaving = Math.max(0, guestsVisible - admitted * spill);
        shed(utilisation - leaving, welcome, tick.seconds());
        gone = own * welcome;
    }

    /** Guests first: they are let in as far as there is room for all that were admitted and do not show yet. */
    private void admit(double utilisation, double spill) {
        if (spill <= 0) {
            admitted = utilisation > TARGET ? 0 : load.peak() < OPEN ? 1 : admitted;
            return;
        }
        double most = admissible(utilisation, spill);
        if (most < admitted) {
            admitted = most;
            return;
        }
        double lasting = admissible(load.peak(), spill);
        if (lasting == 1 || lasting > admitted + LEAST_CHANGE) {
            admitted = Math.max(admitted, lasting);
        }
    }

    private double admissible(double utilisation, double spill) {
        return Math.min(1, Math.max(0, (guestsVisible + OPEN - utilisation) / spill));
    }

    private void shed(double utilisation, double welcome, double seconds) {
        double wanted = demand(utilisation);
        double expected = wanted * (1 - own * welcome);
        if (expected > TARGET) {
            // with nowhere to go a greater share would only be owed
            double lacking = welcome > 0 ? (expected - TARGET) / wanted : 0;
            own = Math.min(1, own + Math.min(FASTEST_RISE * seconds, CATCH_UP * seconds * lacking));
        } else if (own > 0) {
            double lasting = demand.peak() * (1 - own * welcome);
            if (lasting < RETURN) {
                double spare = (RETURN - lasting) / Math.max(demand.peak(), 0.01);
                own = Math.max(0, own - Math.min(FASTEST_FALL * seconds, spare));
            }
        }
    }
}
