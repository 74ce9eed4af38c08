package com.kingcdn.edge.probe;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;
import com.kingcdn.topology.SpecialPurposePrefixes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whom to probe when, and what the answers come to. Pure: the clock and chance are arguments; for one thread.
 *
 * <p>Each target gets a round of a few probes in each period, give or take a tenth, at a random time of it. A token bucket bounds all
 * probes together, and so many at most are without an answer: when that is not enough for all targets, rounds come later. The ways to probe a
 * target are tried in turn until it answers by one; when it does by none, the time until the next round doubles, up to 64 periods.
 * Only who has answered is reported on: silence alone is no loss. One that falls silent is reported as lost for two rounds, then not at all.
 */
final class ProbeSchedule {

    /** Give or take so much of a period. */
    private static final double JITTER = 0.1;

    private static final int MOST_SPACING_MILLIS = 500;
    private static final double LEAST_PROBE_MILLIS = 1;

    private final ProbeProperties settings;
    private final List<ProbeStep> steps;
    private final List<IpPrefix> ownOptOut;
    private final RandomGenerator random;
    private final long periodMillis;
    private final long spacingMillis;
    private Map<ProbeTarget, ProbedTarget> targets = new LinkedHashMap<>();
    private final PriorityQueue<ProbedTarget> due =
            new PriorityQueue<>(Comparator.comparingLong(target -> target.dueMillis));
    private int inFlight;
    private double tokens = 1;
    private long refilledMillis;

    /** @param steps the ways to probe a target, in the order in which they are tried; nobody is probed when there is none */
    ProbeSchedule(ProbeProperties settings, List<ProbeStep> steps, RandomGenerator random, long nowMillis) {
        this.settings = settings;
        this.random = random;
        this.steps = steps;
        ownOptOut = settings.optedOut();
        periodMillis = settings.period().toMillis();
        spacingMillis = Math.min(MOST_SPACING_MILLIS, periodMillis / (4L * settings.probes()));
        refilledMillis = nowMillis;
    }

    /** Probes these from now on, as far as they may be, and what is known of those that were there before is kept. */
    public void replace(List<ProbeTarget> wanted, List<IpPrefix> optOut, long nowMillis) {
        Map<ProbeTarget, ProbedTarget> next = new LinkedHashMap<>();
        for (ProbeTarget target : wanted) {
            if (!steps.isEmpty() && next.size() < settings.targets() && mayBeProbed(target.bytes(), optOut)) {
                ProbedTarget known = targets.get(target);
                next.put(target, known == null ? fresh(target, nowMillis) : known);
            }
        }
        targets = next;
        due.removeIf(target -> targets.get(target.target) != target);
    }

    private ProbedTarget fresh(ProbeTarget target, long nowMillis) {
        ProbedTarget fresh = new ProbedTarget(target, nowMillis + random.nextLong(periodMillis));
        due.add(fresh);
        return fresh;
    }

    private boolean mayBeProbed(byte[] address, List<IpPrefix> optOut) {
        return (settings.localTargets() || SpecialPurposePrefixes.isGlobal(address))
                && ownOptOut.stream().noneMatch(prefix -> prefix.contains(address))
                && optOut.stream().noneMatch(prefix -> prefix.contains(address));
    }

    /** The probe to be sent now, or null when there is none. */
    public @Nullable Probe next(long nowMillis) {
        refill(nowMillis);
        ProbedTarget first = due.peek();
        if (first == null || first.dueMillis > nowMillis || tokens < 1 || inFlight >= settings.inFlight()) {
            return null;
        }
        due.remove();
        tokens--;
        inFlight++;
        if (first.send(nowMillis) < settings.probes()) {
            first.dueMillis = nowMillis + spacingMillis / 2 + random.nextLong(Math.max(1, spacingMillis));
            due.add(first);
        }
        return new Probe(first.target, steps.get(first.step()), first);
    }

    private void refill(long nowMillis) {
        double burst = Math.max(1, settings.rate() / 10.0);
        tokens = Math.min(burst, tokens + (nowMillis - refilledMillis) * settings.rate() / 1000.0);
        refilledMillis = nowMillis;
    }

    /** In how many milliseconds it is worth to ask for the next probe; a lost or answered probe may change that. */
    public long waitMillis(long nowMillis) {
        ProbedTarget first = due.peek();
        if (first == null || inFlight >= settings.inFlight()) {
            return periodMillis;
        }
        double forToken = tokens >= 1 ? 0 : (1 - tokens) * 1000.0 / settings.rate();
        return Math.max(first.dueMillis - nowMillis, (long) Math.ceil(Math.max(forToken, LEAST_PROBE_MILLIS)));
    }

    /** The probe was answered after that time. */
    public void answered(Probe probe, double rttMillis, long nowMillis) {
        probe.state().answered(rttMillis, nowMillis);
        resolved(probe.state(), nowMillis);
    }

    /** The probe was not answered in time. */
    public void lost(Probe probe, long nowMillis) {
        probe.state().lost();
        resolved(probe.state(), nowMillis);
    }

    /** The probe was not sent. */
    public void unsent(Probe probe, long nowMillis) {
        probe.state().unsent();
        resolved(probe.state(), nowMillis);
    }

    private void resolved(ProbedTarget state, long nowMillis) {
        inFlight--;
        if (!state.isRoundOver(settings.probes())) {
            return;
        }
        long wait = (long) (periodMillis * state.endRound(steps.size()) * (1 + JITTER * (2 * random.nextDouble() - 1)));
        // when the budget has made a round long, the next one is not due at once
        state.dueMillis = Math.max(state.roundMillis() + wait, nowMillis + spacingMillis);
        if (targets.get(state.target) == state) {
            due.add(state);
        }
    }

    /** What is new since the last call, one for each prefix. */
    public List<Measurement> measurements(long nowMillis) {
        Set<IpPrefix> answering = targets.values().stream()
                .filter(ProbedTarget::isAnswering)
                .map(target -> target.target.prefix())
                .collect(Collectors.toSet());
        Map<IpPrefix, PrefixSum> sums = new LinkedHashMap<>();
        for (ProbedTarget target : targets.values()) {
            // neighbours have their rounds at different times, so the one that answers is seldom in the same report
            boolean isSilentAlone = target.hasOnlySilence() && answering.contains(target.target.prefix());
            if (target.hasNews() && !isSilentAlone) {
                target.report(
                        sums.computeIfAbsent(target.target.prefix(), prefix -> new PrefixSum()),
                        steps.get(target.reportedStep()).method(),
                        nowMillis);
            }
        }
        List<Measurement> measurements = new ArrayList<>();
        sums.forEach((prefix, sum) -> measurements.add(sum.measurement(prefix)));
        return measurements;
    }

    /** Targets by what is known of them. */
    public Census census() {
        int answering = 0;
        int silent = 0;
        for (ProbedTarget target : targets.values()) {
            answering += target.isKnown() ? 1 : 0;
            silent += !target.isKnown() && target.isSilent() ? 1 : 0;
        }
        return new Census(answering, silent, targets.size() - answering - silent);
    }

    /** How many targets answer, do not, or have not been tried in all ways. */
    public record Census(int answering, int silent, int untried) {}
}
