package com.kingcdn.redirector.api.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.routing.FixedPlaces;
import com.kingcdn.redirector.routing.MeasuredPaths;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.Shedding;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What looking at the map costs the machine that answers queries. */
class MapSurveysTest {

    private static final long LOOK_UP_MILLIS = 50;

    private final SlowPaths paths = new SlowPaths();
    private final MapSurveys surveys = new MapSurveys(() -> paths.clock);

    /** Measurements that take time to look up. */
    private static final class SlowPaths implements PathSource {

        private long lookUpMillis = LOOK_UP_MILLIS;
        private long clock;
        private long busy;

        @Override
        public void forEach(List<String> clusters, BiConsumer<IpPrefix, MeasuredPaths> consumer) {}

        @Override
        public @Nullable KnownPath find(String cluster, IpPrefix client) {
            clock += lookUpMillis;
            busy += lookUpMillis;
            return null;
        }
    }

    private TrafficDirector director() {
        Cluster cluster = new Cluster(
                "fra",
                new GeoPoint(50, 9),
                null,
                null,
                null,
                HealthMode.ASSUMED,
                false,
                List.of(new EdgeNode("fra-1", "127.0.0.1", null, 0, 0)));
        PlaceSource places = new FixedPlaces().with("193.0.0.0/16", new GeoPoint(52, 5));
        return TrafficDirector.compile(new RoutingInputs(List.of(cluster), places, paths), Set.of(), null);
    }

    @Test
    void allWhoLookTogetherTakeATenthOfACore_howeverManyDistributionsTheyLookAt() {
        TrafficDirector director = director();
        int seconds = 600;
        for (int second = 0; second < seconds; second++) {
            paths.clock = Math.max(paths.clock, second * 1_000L);
            TrafficDirector now = director.withShedding(Shedding.NONE);
            for (int i = 0; i < MapFeed.MAX_FOLLOWERS; i++) {
                surveys.of(now, "distribution-" + i);
            }
        }
        assertThat(paths.busy).as("milliseconds").isBetween(seconds * 50L, seconds * 120L);
    }

    @Test
    void aMachineThatStoodStillWhileOneLookedIsNoReasonToShowAnOldMapForAnHour() {
        paths.lookUpMillis = 600_000;
        surveys.of(director(), "");
        paths.lookUpMillis = LOOK_UP_MILLIS;
        paths.clock += 100_000;
        long before = paths.busy;
        surveys.of(director(), "");
        assertThat(paths.busy).as("looked again").isGreaterThan(before);
    }

    @Test
    void mapsThatAreNoMoreInUseDoNotStayInMemory() {
        WeakReference<TrafficDirector> looked = looked();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            System.gc();
            return looked.refersTo(null);
        });
        assertThat(surveys.of(director(), "").places()).hasSize(1);
    }

    private WeakReference<TrafficDirector> looked() {
        TrafficDirector director = director();
        assertThat(surveys.of(director, "").places()).hasSize(1);
        return new WeakReference<>(director);
    }
}
