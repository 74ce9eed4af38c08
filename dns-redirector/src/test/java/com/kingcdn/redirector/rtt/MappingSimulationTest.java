package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.rtt.MappingSimulation.Figures;
import com.kingcdn.redirector.rtt.MappingSimulation.Way;
import com.kingcdn.redirector.rtt.SyntheticInternet.Flow;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The simulation of docs/mapping.md, small: what client subnets and measurements have to gain at least. */
class MappingSimulationTest {

    private final MappingSimulation simulation = new MappingSimulation(new SyntheticInternet.Size(80, 60), 1_200);

    @Test
    void usersFarFromTheirResolverGainWhatAkamaiSaw_eightfoldInDistanceAndTwofoldInRtt() {
        Predicate<Flow> far = simulation.far();
        Figures geo = simulation.figures(Way.GEO, far);
        Figures measured = simulation.figures(Way.ECS_RTT, far);

        assertThat(geo.kilometres() / measured.kilometres()).isGreaterThanOrEqualTo(8);
        assertThat(geo.millis() / measured.millis()).isGreaterThanOrEqualTo(2);
        assertThat(measured.millis())
                .as("little above the least there can be")
                .isLessThan(1.1 * simulation.leastMillis(far));
    }

    @Test
    void pathsViolateTheTriangleInequality_andMeasurementsFindThatOut() {
        assertThat(simulation.triangleViolations()).isBetween(0.05, 0.3);
        Predicate<Flow> everybody = flow -> true;
        Figures geo = simulation.figures(Way.ECS_GEO, everybody);
        Figures measured = simulation.figures(Way.ECS_RTT, everybody);

        assertThat(measured.millis()).isLessThan(geo.millis());
    }

    @Test
    void sharedAnswersKeepTheGrowthOfQueriesBelowThatOfNarrowScopes() {
        assertThat(simulation.growth(Way.ECS_RTT, 1)).isLessThan(0.8 * 8);
        assertThat(simulation.growth(Way.ECS_RTT, 1)).isLessThan(simulation.growth(Way.ECS_GEO, 1));
        assertThat(simulation.growth(Way.ECS_RTT, 0.1)).isLessThanOrEqualTo(3);
    }
}
