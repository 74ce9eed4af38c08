package com.kingcdn.edge.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class ProbeScheduleTest {

    private static final int PERIOD = 60_000;
    private static final int ANSWER_AFTER = 20;
    private static final int TIMEOUT = 2_000;

    static ProbeProperties settings(int rate, int inFlight, int targets, String... optOut) {
        return new ProbeProperties(
                true,
                Duration.ofMillis(PERIOD),
                3,
                Duration.ofMillis(TIMEOUT),
                rate,
                inFlight,
                targets,
                List.of(RttMethod.DNS, RttMethod.TCP),
                53,
                List.of(53, 443),
                List.of(),
                List.of(optOut),
                false,
                Duration.ofSeconds(30),
                Duration.ofSeconds(10));
    }

    private record Sent(Probe probe, long atMillis, long resolvedMillis, boolean answered) {}

    /** A network in which time passes at will. */
    private static final class Network {

        private final ProbeSchedule schedule;
        private final Predicate<Probe> answers;
        private final List<Sent> sent = new ArrayList<>();
        private final Deque<Sent> answering = new ArrayDeque<>();
        private final Deque<Sent> silent = new ArrayDeque<>();
        private boolean canSend = true;
        private long now;

        Network(ProbeProperties settings, long seed, Predicate<Probe> answers) {
            this.schedule = new ProbeSchedule(settings, settings.steps(), new Random(seed), 0);
            this.answers = answers;
        }

        void pass(long millis, int maxInFlight) {
            for (long until = now + millis; now < until; now += 5) {
                for (Probe next = schedule.next(now); next != null; next = schedule.next(now)) {
                    if (!canSend) {
                        schedule.unsent(next, now);
                        continue;
                    }
                    boolean answered = answers.test(next);
                    Sent probe = new Sent(next, now, now + (answered ? ANSWER_AFTER : TIMEOUT), answered);
                    sent.add(probe);
                    (answered ? answering : silent).add(probe);
                    assertThat(answering.size() + silent.size()).isLessThanOrEqualTo(maxInFlight);
                }
                resolve(answering);
                resolve(silent);
            }
        }

        private void resolve(Deque<Sent> probes) {
            while (!probes.isEmpty() && probes.peek().resolvedMillis() <= now) {
                Sent probe = probes.remove();
                if (probe.answered()) {
                    schedule.answered(probe.probe(), ANSWER_AFTER, now);
                } else {
                    schedule.lost(probe.probe(), now);
                }
            }
        }
    }

    private static List<ProbeTarget> targets(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> ProbeTarget.of(new byte[] {9, (byte) (i >> 8), (byte) i, 1}, null))
                .toList();
    }

    private static boolean isDns(Probe probe) {
        return probe.step().method() == RttMethod.DNS;
    }

    @Property(tries = 20)
    void theBudgetsHold(
            @ForAll @IntRange(min = 1, max = 60) int rate,
            @ForAll @IntRange(min = 1, max = 40) int inFlight,
            @ForAll @IntRange(min = 1, max = 200) int count,
            @ForAll long seed) {
        Network network = new Network(
                settings(rate, inFlight, 150), seed, probe -> probe.target().bytes()[2] % 3 != 0);
        network.schedule.replace(targets(count), List.of(), 0);
        network.pass(5 * PERIOD, inFlight);

        double burst = Math.max(1, rate / 10.0);
        Map<ProbeTarget, List<Long>> byTarget = new HashMap<>();
        for (int i = 0; i < network.sent.size(); i++) {
            Sent sent = network.sent.get(i);
            byTarget.computeIfAbsent(sent.probe().target(), key -> new ArrayList<>())
                    .add(sent.atMillis());
            int later = Math.min(network.sent.size() - 1, i + 30);
            long span = network.sent.get(later).atMillis() - sent.atMillis();
            assertThat(later - i).isLessThanOrEqualTo((int) Math.ceil(burst + rate * span / 1000.0));
        }
        assertThat(byTarget).hasSizeLessThanOrEqualTo(150);
        byTarget.forEach((target, times) -> {
            for (int i = 3; i < times.size(); i += 3) {
                assertThat(times.get(i) - times.get(i - 3))
                        .as("from one round of a target to its next")
                        .isGreaterThanOrEqualTo(PERIOD / 10 * 9 - 5);
            }
        });
    }

    @Example
    void aTargetThatAnswersGetsOneRoundAPeriod() {
        Network network = new Network(settings(50, 100, 100), 1, probe -> true);
        network.schedule.replace(targets(20), List.of(), 0);
        network.pass(10 * PERIOD, 100);
        assertThat(network.sent).hasSizeBetween(20 * 3 * 9, 20 * 3 * 11).allMatch(sent -> isDns(sent.probe()));
        List<Measurement> measurements = network.schedule.measurements(network.now);
        assertThat(measurements).hasSize(20).allSatisfy(measurement -> {
            assertThat(measurement.rttMillis()).isEqualTo(ANSWER_AFTER);
            assertThat(measurement.loss()).isZero();
            assertThat(measurement.method()).isEqualTo(RttMethod.DNS);
            assertThat(measurement.ageMillis()).isLessThan(2 * PERIOD);
            assertThat(measurement.prefix().length()).isEqualTo(24);
        });
        assertThat(network.schedule.measurements(network.now)).as("nothing new").isEmpty();
    }

    @Example
    void whatIsTriedInTurnIsKeptOnceItIsAnswered() {
        Network network =
                new Network(settings(50, 100, 100), 1, probe -> probe.step().port() == 443);
        network.schedule.replace(targets(1), List.of(), 0);
        network.pass(6 * PERIOD, 100);
        assertThat(network.sent.stream().map(sent -> sent.probe().step()).distinct())
                .containsExactly(
                        new ProbeStep(RttMethod.DNS, 53),
                        new ProbeStep(RttMethod.TCP, 53),
                        new ProbeStep(RttMethod.TCP, 443));
        assertThat(network.sent.get(network.sent.size() - 1).probe().step().port())
                .isEqualTo(443);
        assertThat(network.schedule.measurements(network.now)).singleElement().satisfies(measurement -> {
            assertThat(measurement.method()).isEqualTo(RttMethod.TCP);
            assertThat(measurement.loss()).as("by what it answers").isZero();
        });
    }

    @Example
    void oneThatIsProbedByAnotherWayIsTriedByThoseBeforeIt_andThatCountsForNothingUnlessAllIsAnswered() {
        int[] dnsAnswers = {0};
        Network network = new Network(
                settings(50, 100, 100),
                1,
                probe -> isDns(probe) ? dnsAnswers[0]-- > 0 : probe.step().port() == 443);
        network.schedule.replace(targets(1), List.of(), 0);
        network.pass((long) (PERIOD * 3.5), 100);
        network.schedule.measurements(network.now);
        // two of three by DNS in the first trial; all in the third, since the second is of TCP 53
        dnsAnswers[0] = 2;
        assertThat(methods(network, 2 * ProbedTarget.TRIAL_ROUNDS)).containsOnly(RttMethod.TCP);
        assertThat(dnsAnswers[0]).isEqualTo(-1);
        dnsAnswers[0] = 1000;
        assertThat(methods(network, 2 * ProbedTarget.TRIAL_ROUNDS)).endsWith(RttMethod.DNS, RttMethod.DNS);
        assertThat(network.sent.stream().filter(sent -> sent.probe().step().equals(new ProbeStep(RttMethod.TCP, 53))))
                .as("the first time, and one trial")
                .hasSize(6);
    }

    /** By what a target was measured in so many periods; nothing of that was lost. */
    private static List<RttMethod> methods(Network network, int periods) {
        List<RttMethod> methods = new ArrayList<>();
        for (int i = 0; i < 4 * periods; i++) {
            network.pass(PERIOD / 4, 100);
            for (Measurement measurement : network.schedule.measurements(network.now)) {
                assertThat(measurement.loss()).isZero();
                methods.add(measurement.method());
            }
        }
        return methods;
    }

    @Example
    void whoHasNeverAnsweredIsNotLossy_andIsAskedEverLess() {
        Network network = new Network(settings(50, 100, 100), 1, probe -> false);
        network.schedule.replace(targets(1), List.of(), 0);
        network.pass(300L * PERIOD, 100);
        assertThat(network.schedule.measurements(network.now)).isEmpty();
        assertThat(network.schedule.census()).isEqualTo(new ProbeSchedule.Census(0, 1, 0));
        assertThat(network.sent)
                .as("of 900 probes that one that answers would get")
                .hasSizeLessThan(100);
    }

    @Example
    void whoFallsSilentIsLossyForTwoRounds_andThenUnknown() {
        boolean[] answers = {true};
        Network network = new Network(settings(50, 100, 100), 1, probe -> answers[0]);
        network.schedule.replace(targets(1), List.of(), 0);
        network.pass(5 * PERIOD, 100);
        network.schedule.measurements(network.now);
        answers[0] = false;
        List<Measurement> after = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            network.pass(PERIOD / 4, 100);
            after.addAll(network.schedule.measurements(network.now));
        }
        List<Measurement> lossy =
                after.stream().filter(measurement -> measurement.loss() == 1).toList();
        assertThat(lossy).hasSize(2).allSatisfy(measurement -> {
            assertThat(measurement.rttMillis()).isEqualTo(ANSWER_AFTER);
            assertThat(measurement.ageMillis()).isPositive();
        });
        assertThat(after.subList(after.indexOf(lossy.get(0)), after.size())).isEqualTo(lossy);
    }

    /** As when this process has no file left for a while. */
    @Example
    void whatIsNotSentIsNoLoss_andIsSentLater() {
        Network network = new Network(settings(50, 100, 100), 1, probe -> !isDns(probe));
        network.schedule.replace(targets(1), List.of(), 0);
        network.pass(5 * PERIOD, 100);
        network.schedule.measurements(network.now);
        network.canSend = false;
        network.pass(10 * PERIOD, 100);
        assertThat(network.schedule.measurements(network.now))
                .allSatisfy(measurement -> assertThat(measurement.loss()).isZero());
        assertThat(network.schedule.census()).isEqualTo(new ProbeSchedule.Census(1, 0, 0));

        network.canSend = true;
        int before = network.sent.size();
        network.pass(3 * PERIOD, 100);
        assertThat(network.sent.subList(before, network.sent.size()))
                .isNotEmpty()
                .noneMatch(sent -> isDns(sent.probe()));
        assertThat(network.schedule.measurements(network.now))
                .singleElement()
                .satisfies(measurement -> assertThat(measurement.loss()).isZero());
    }

    @Example
    void aNeighbourThatIsSilentIsNoLossOfThePath() {
        boolean[] both = {true};
        Network network = new Network(
                settings(50, 100, 100),
                1,
                probe -> both[0] || probe.target().address().equals("9.0.0.1"));
        IpPrefix prefix = IpPrefix.parse("9.0.0.0/24");
        network.schedule.replace(
                List.of(new ProbeTarget("9.0.0.1", prefix), new ProbeTarget("9.0.0.2", prefix)), List.of(), 0);
        network.pass(3 * PERIOD, 100);
        network.schedule.measurements(network.now);
        both[0] = false;
        List<Measurement> reported = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            network.pass(PERIOD / 12, 100);
            reported.addAll(network.schedule.measurements(network.now));
        }
        assertThat(reported).hasSizeGreaterThan(3).allSatisfy(measurement -> assertThat(measurement.loss())
                .isZero());
    }

    @Example
    void whenAllNeighboursFallSilentThePathIsLost() {
        boolean[] answers = {true};
        Network network = new Network(settings(50, 100, 100), 1, probe -> answers[0]);
        IpPrefix prefix = IpPrefix.parse("9.0.0.0/24");
        network.schedule.replace(
                List.of(new ProbeTarget("9.0.0.1", prefix), new ProbeTarget("9.0.0.2", prefix)), List.of(), 0);
        network.pass(3 * PERIOD, 100);
        network.schedule.measurements(network.now);
        answers[0] = false;
        List<Measurement> reported = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            network.pass(PERIOD / 12, 100);
            reported.addAll(network.schedule.measurements(network.now));
        }
        assertThat(reported).anyMatch(measurement -> measurement.loss() == 1);
    }

    @Example
    void nobodyWhoHasOptedOut_andNoLocalAddress() {
        Network network = new Network(settings(50, 100, 100, "9.0.1.0/24"), 1, probe -> true);
        List<ProbeTarget> wanted = List.of(
                new ProbeTarget("9.0.0.1", null),
                new ProbeTarget("9.0.1.1", null),
                new ProbeTarget("9.0.2.1", null),
                new ProbeTarget("127.0.0.1", null),
                new ProbeTarget("224.0.0.1", null),
                new ProbeTarget("192.168.0.1", null),
                new ProbeTarget("fe80::1", null));
        network.schedule.replace(wanted, List.of(IpPrefix.parse("9.0.2.0/24")), 0);
        network.pass(3 * PERIOD, 100);
        assertThat(network.sent)
                .isNotEmpty()
                .allMatch(sent -> sent.probe().target().address().equals("9.0.0.1"));

        int before = network.sent.size();
        network.schedule.replace(wanted, List.of(IpPrefix.parse("9.0.0.0/8")), network.now);
        network.pass(3 * PERIOD, 100);
        assertThat(network.sent).as("from then on").hasSize(before);
    }

    @Example
    void whatIsKnownSurvivesANewList() {
        Network network = new Network(settings(50, 100, 100), 1, probe -> true);
        network.schedule.replace(targets(3), List.of(), 0);
        network.pass(2 * PERIOD, 100);
        network.schedule.replace(targets(2), List.of(), network.now);
        assertThat(network.schedule.census()).isEqualTo(new ProbeSchedule.Census(2, 0, 0));
        assertThat(network.schedule.measurements(network.now)).hasSize(2);
    }
}
