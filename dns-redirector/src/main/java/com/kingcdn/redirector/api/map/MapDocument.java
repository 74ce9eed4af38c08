package com.kingcdn.redirector.api.map;

import com.kingcdn.redirector.routing.MapSurvey;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the page draws, as JSON; a few hundred kilobytes at most.
 *
 * @param distribution whose placement counts; null for those that have none
 * @param distributions what can be asked for and explained, the first {@link #MAX_DISTRIBUTIONS}
 * @param clusters in the order of the configuration
 */
record MapDocument(
        @Nullable String distribution, List<DistributionName> distributions, List<ClusterState> clusters, Mapping map) {

    static final int MAX_DISTRIBUTIONS = 200;

    /**
     * @param name to ask {@code /v1/explain} for; null when it has no host of its own
     * @param placed whether it is on some clusters only
     */
    record DistributionName(String id, @Nullable String name, boolean placed) {}

    /**
     * One cluster now.
     *
     * @param state {@code up}, {@code down} or {@code drained}
     * @param nodesUp of its nodes
     * @param inAnswers whether clients can be sent there: those of the distribution, when one is asked for
     * @param utilisation 1 when it is full; null when it has not reported its load
     * @param shedOwn share of its own clients that it sends on
     * @param shedGuests share of other clusters' clients that it does not take
     */
    record ClusterState(
            String id,
            GeoPoint place,
            String role,
            String kind,
            int coverage,
            String state,
            int nodes,
            int nodesUp,
            boolean inAnswers,
            @Nullable Double utilisation,
            @Nullable Double requestsPerSecond,
            @Nullable Double megabitsPerSecond,
            double shedOwn,
            double shedGuests) {}

    /**
     * Where clients go.
     *
     * @param geoDatabase whether there is one that knows any network
     * @param networks how many it knows
     * @param sampled how many of them were followed
     * @param degrees places nearer to each other than that are drawn as one
     * @param measuredPrefixes how many have measurements
     * @param moved how many of them moved in the last round
     * @param waiting how many wait for the next
     * @param ownWays how many prefixes have a way of their own
     * @param whole whether all of the map was looked at for those
     */
    record Mapping(
            boolean geoDatabase,
            long networks,
            int sampled,
            double degrees,
            int measuredPrefixes,
            int moved,
            int waiting,
            long ownWays,
            boolean whole,
            List<Place> places,
            List<Prefix> prefixes) {}

    /** See {@link MapSurvey.Place}. */
    record Place(GeoPoint place, long networks, double weight, List<Route> routes, List<IpPrefix> largest) {

        static Place of(MapSurvey.Place of) {
            return new Place(
                    of.place(),
                    of.networks(),
                    of.weight(),
                    of.routes().stream().map(Route::of).toList(),
                    of.largest());
        }
    }

    /** See {@link MapSurvey.Route}. */
    record Route(String cluster, double share, String reason, double confidence, @Nullable Double rttMillis) {

        static Route of(MapSurvey.Route of) {
            return new Route(of.cluster(), of.share(), of.reason().code(), of.confidence(), of.rttMillis());
        }
    }

    /** See {@link MapSurvey.Prefix}. */
    record Prefix(
            IpPrefix prefix,
            @Nullable GeoPoint place,
            String cluster,
            String reason,
            double costMillis,
            double confidence,
            @Nullable Double rttMillis) {

        static Prefix of(MapSurvey.Prefix of) {
            return new Prefix(
                    of.prefix(),
                    of.place(),
                    of.cluster(),
                    of.reason().code(),
                    of.costMillis(),
                    of.confidence(),
                    of.rttMillis());
        }
    }

    /** As the API writes constants. */
    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
