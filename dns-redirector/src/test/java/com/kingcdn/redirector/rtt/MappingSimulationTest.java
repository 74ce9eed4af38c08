package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.rtt.MappingSimulation.Figures;
import com.kingcdn.redirector.rtt.MappingSimulation.Way;
import com.kingcdn.redirector.rtt.SyntheticInternet.Flow;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulation of docs/mapping.md, small: what client subnets and measurements have to gain at least. */
class MappingSimulationTest {

    private static final MappingSimulation SIMULATION =
            new MappingSimulation(new SyntheticInternet.Size(80, 60), 1_200);

    @Test
    void usersFarFromTheirResolverGainWhatAkamaiSaw_eightfoldInDistanceAndTwofoldInRtt() {
        Predicate<Flow> far = SIMULATION.far();
        Figures geo = SIMULATION.figures(Way.GEO, far);
        Figures measured = SIMULATION.figures(Way.ECS_RTT, far);

        assertThat(geo.kilometres() / measured.kilometres()).isGreaterThanOrEqualTo(8);
        assertThat(geo.millis() / measured.millis()).isGreaterThanOrEqualTo(2);
        assertThat(measured.millis())
                .as("little above the least there can be")
                .isLessThan(1.1 * SIMULATION.least(far).millis());
    }

    @Test
    void pathsViolateTheTriangleInequality_andMeasurementsFindThatOut() {
        assertThat(SIMULATION.triangleViolations()).isBetween(0.05, 0.3);
        Predicate<Flow> everybody = flow -> true;
        Figures geo = SIMULATION.figures(Way.ECS_GEO, everybody);
        Figures measured = SIMULATION.figures(Way.ECS_RTT, everybody);

        assertThat(measured.millis()).isLessThan(geo.millis());
    }

    @Test
    void neighboursThatShareAnAnswerKeepTheGrowthOfQueriesBelowThatOfNarrowScopes() {
        double asked = SIMULATION.asked();
        ResolverCaches measured = SIMULATION.caches(Way.ECS_RTT);

        assertThat(measured.growth(asked, ResolverCaches.NAMES)).isLessThan(0.8 * 8);
        assertThat(measured.growth(asked, ResolverCaches.NAMES))
                .isLessThan(SIMULATION.caches(Way.ECS_GEO).growth(asked, ResolverCaches.NAMES));
        assertThat(measured.growth(asked / 10, ResolverCaches.NAMES)).isLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void namesThatShareAnswersKeepTheGrowthOfQueriesBelowThreefold_atHalfTheRttAndMore(int seed) {
        MappingSimulation other = seed == 0
                ? SIMULATION
                : new MappingSimulation(new SyntheticInternet.Size(80, 60, SyntheticInternet.SEED + seed), 1_200);
        ResolverCaches measured = other.caches(Way.ECS_RTT);

        assertThat(measured.growth(other.asked(), 63))
                .as("beside 63 names with answers of their own")
                .isLessThanOrEqualTo(3);
        assertThat(measured.growthBySubnets(other.asked(), 0))
                .as("also beside resolvers that send no subnets and are given the same names")
                .isLessThanOrEqualTo(3);
        assertThat(other.figures(Way.GEO, other.far()).millis()
                        / other.figures(Way.ECS_RTT, other.far()).millis())
                .isGreaterThanOrEqualTo(2);
    }
}
