package com.kingcdn.edge.probe;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.RttMethod;
import org.jspecify.annotations.Nullable;

/**
 * What a schedule knows of one target: where in its round it is, what the answers have come to, and whether it is silent.
 *
 * <p>One that is not probed by the first way gets a trial now and then: a round by a way that comes before. It counts for nothing, unless all
 * of it is answered: then that is the way from there on. An hour without DNS is no reason to ask for echoes for ever.
 */
final class ProbedTarget {

    /** After so many rounds without an answer one that has answered before is as one that never has. */
    static final int SILENT_ROUNDS = 3;

    /** After so many rounds with answers comes a trial. */
    static final int TRIAL_ROUNDS = 30;

    private static final int MOST_DOUBLINGS = 6;

    final ProbeTarget target;

    /** When its next probe is due; of the schedule's queue. */
    long dueMillis;

    private RttEstimator estimator = new RttEstimator();
    private int step;
    private @Nullable RttEstimator trial;
    private int rounds;
    private long roundMillis;
    private int sent;
    private int resolved;
    private int answers;
    private int unsent;
    private int silentRounds;
    private int doublings;
    private int unreported;
    private int unreportedAnswers;
    private long answeredMillis;

    ProbedTarget(ProbeTarget target, long dueMillis) {
        this.target = target;
        this.dueMillis = dueMillis;
    }

    /** By what it is probed now. */
    int step() {
        return trial == null ? step : trialStep();
    }

    /** By what it was probed for what is reported of it. */
    int reportedStep() {
        return step;
    }

    private int trialStep() {
        return (rounds / TRIAL_ROUNDS - 1) % step;
    }

    /** Counts a probe as sent. @return which of its round it is, from 1 */
    int send(long nowMillis) {
        if (sent == 0) {
            roundMillis = nowMillis;
        }
        return ++sent;
    }

    void answered(double rttMillis, long nowMillis) {
        (trial == null ? estimator : trial).answered(rttMillis);
        answeredMillis = nowMillis;
        answers++;
        resolved++;
    }

    void lost() {
        (trial == null ? estimator : trial).lost();
        resolved++;
    }

    /** Counts one that had been counted as sent as one that was not. */
    void unsent() {
        unsent++;
        resolved++;
    }

    boolean isRoundOver(int probes) {
        return sent == probes && resolved == probes;
    }

    /**
     * Ends the round.
     *
     * @param steps how many ways to probe there are
     * @return after how many periods, counted from its begin, the next one is due
     */
    int endRound(int steps) {
        if (trial != null) {
            endTrial(trial);
            return 1;
        }
        boolean answered = answers > 0;
        boolean asked = sent > unsent;
        if (estimator.isKnown()) {
            unreported += sent - unsent;
            unreportedAnswers += answers;
        }
        beginRound();
        if (answered) {
            silentRounds = 0;
            doublings = 0;
            rounds++;
            trial = step > 0 && rounds % TRIAL_ROUNDS == 0 ? new RttEstimator() : null;
            return 1;
        }
        if (estimator.isKnown() && !asked) {
            return 1;
        }
        silentRounds++;
        if (estimator.isKnown() && silentRounds < SILENT_ROUNDS) {
            return 1;
        }
        if (estimator.isKnown()) {
            // told often enough: from now on it is unknown, and what redirectors know of it ages
            estimator = new RttEstimator();
            unreported = 0;
            step = 0;
            return 1;
        }
        estimator = new RttEstimator();
        step = (step + 1) % steps;
        if (step == 0) {
            doublings = Math.min(MOST_DOUBLINGS, doublings + 1);
        }
        return 1 << doublings;
    }

    private void endTrial(RttEstimator tried) {
        if (answers == sent) {
            step = trialStep();
            estimator = tried;
            unreported = sent;
            unreportedAnswers = answers;
        }
        trial = null;
        beginRound();
    }

    private void beginRound() {
        sent = 0;
        resolved = 0;
        answers = 0;
        unsent = 0;
    }

    long roundMillis() {
        return roundMillis;
    }

    /** Whether it has answered by what it is probed with now. */
    boolean isKnown() {
        return estimator.isKnown();
    }

    /** Whether none of the ways to probe it was answered when they were last tried. */
    boolean isSilent() {
        return doublings > 0;
    }

    /** Whether a round has ended since this was last reported. */
    boolean hasNews() {
        return unreported > 0;
    }

    /** Whether what is new has no answer in it. */
    boolean hasOnlySilence() {
        return unreportedAnswers == 0;
    }

    /** Whether its last round was answered. */
    boolean isAnswering() {
        return estimator.isKnown() && silentRounds == 0;
    }

    /** Adds what is new to a prefix's sum, once. */
    void report(PrefixSum sum, RttMethod method, long nowMillis) {
        sum.add(estimator, method, unreported, unreportedAnswers, nowMillis - answeredMillis);
        unreported = 0;
        unreportedAnswers = 0;
    }
}
