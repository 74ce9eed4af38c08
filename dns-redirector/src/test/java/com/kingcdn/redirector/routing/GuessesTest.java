package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuessesTest {

    private static final GeoPoint AMSTERDAM = new GeoPoint(52.4, 4.9);
    private static final GeoPoint OSAKA = new GeoPoint(34.7, 135.5);
    private static final GeoPoint LIMA = new GeoPoint(-12.0, -77.0);

    private final PlaceLayer layer = new PlaceLayer(
            List.of(cluster("fra", 50.1, 8.7), cluster("nyc", 40.7, -74.0)), PlaceSource.NONE, SharingTerms.DEFAULT);

    @Test
    void placesAreKeptWhileThereIsRoom_andAnsweredWhenThereIsNone() {
        Guesses guesses = new Guesses(layer, 2);
        float[] amsterdam = guesses.at(AMSTERDAM);
        float[] osaka = guesses.at(OSAKA);
        float[] lima = guesses.at(LIMA);

        assertThat(amsterdam).containsExactly(layer.guesses(AMSTERDAM));
        assertThat(osaka).containsExactly(layer.guesses(OSAKA));
        assertThat(lima).containsExactly(layer.guesses(LIMA));
        assertThat(guesses.at(AMSTERDAM)).isSameAs(amsterdam);
        assertThat(guesses.at(OSAKA)).isSameAs(osaka);
        assertThat(guesses.at(LIMA)).isNotSameAs(lima).containsExactly(lima);
    }

    private static Cluster cluster(String id, double latitude, double longitude) {
        return new Cluster(
                id,
                new GeoPoint(latitude, longitude),
                null,
                null,
                null,
                HealthMode.ASSUMED,
                false,
                List.of(new EdgeNode(id + "-1", "127.0.0.1", null, 0, 0)));
    }
}
