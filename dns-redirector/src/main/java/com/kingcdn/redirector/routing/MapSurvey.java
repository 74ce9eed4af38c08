package com.kingcdn.redirector.routing;

import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A map seen from afar: the places of its clients with the clusters they go to, and the prefixes that go a way of their own. Values are
 * rounded, so that two surveys are equal when nobody could see the difference.
 *
 * @param places where the geo database knows networks
 * @param prefixes those with a way of their own first, then the largest networks; a bounded list
 * @param ownWays how many prefixes have a way of their own: for coverage, measurement or placement, or since a cluster is full or all are down
 * @param whole whether the map was small enough to look at all of it for those
 */
public record MapSurvey(List<Place> places, List<Prefix> prefixes, long ownWays, boolean whole) {

    /** The most prefixes in a survey. */
    public static final int MAX_PREFIXES = 200;

    public MapSurvey {
        places = List.copyOf(places);
        prefixes = List.copyOf(prefixes);
    }

    /**
     * Networks near each other.
     *
     * @param networks how many the geo database has there
     * @param weight how much of the Internet that is: one for each IPv4 address or IPv6 /48
     * @param routes where they go, the most first
     * @param largest some of them
     */
    public record Place(GeoPoint place, long networks, double weight, List<Route> routes, List<IpPrefix> largest) {

        public Place {
            routes = List.copyOf(routes);
            largest = List.copyOf(largest);
        }
    }

    /**
     * The way from a place to one cluster.
     *
     * @param share of the place's weight, 0 to 1
     * @param reason that most of it has
     * @param confidence how much of its cost is measured, not guessed: 0 to 1
     * @param rttMillis measured; null when nothing is
     */
    public record Route(
            String cluster, double share, ChoiceReason reason, double confidence, @Nullable Double rttMillis) {}

    /**
     * One prefix of the map.
     *
     * @param place null when it is not known
     * @param costMillis of the way to its cluster
     * @param confidence how much of that is measured, 0 to 1
     * @param rttMillis measured; null when nothing is
     */
    public record Prefix(
            IpPrefix prefix,
            @Nullable GeoPoint place,
            String cluster,
            ChoiceReason reason,
            double costMillis,
            double confidence,
            @Nullable Double rttMillis) {}

    /**
     * Looks at a map. Takes about a second for a map of millions of prefixes, so not on a thread that answers queries.
     *
     * @param networks of the same geo database as the map
     * @param distribution whose placement counts; one that is unknown is everywhere
     */
    public static MapSurvey of(TrafficDirector director, PlacedNetworks networks, String distribution) {
        Surveyor surveyor = new Surveyor(director, networks, director.placement(distribution));
        return surveyor.survey();
    }
}
