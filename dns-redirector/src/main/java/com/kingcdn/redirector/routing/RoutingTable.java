package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What client prefixes, places and coverage are compiled into: address → leaf → map unit, for both address families.
 *
 * <p>Compilation paints four layers: the default order, the places of the geo database (short prefixes first), measurements, then
 * coverage, which puts its cluster before whatever order is there. A client that only coverage knows is taken to stand where the covering cluster does.
 * Cost is of the order of the database; a query costs a few array reads.
 */
public final class RoutingTable {

    private final PrefixTable ipv4;
    private final PrefixTable ipv6;
    private final MapUnits units;
    private final PlaceLayer places;
    private final RemapRound round;

    RoutingTable(PrefixTable ipv4, PrefixTable ipv6, MapUnits units, PlaceLayer places, RemapRound round) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.units = units;
        this.places = places;
        this.round = round;
    }

    /**
     * Compiles the table; takes seconds for a city database, so not on a thread that answers queries.
     *
     * @param previous what answered until now, from which no more than a share moves; or null
     */
    static RoutingTable compile(
            List<Cluster> clusters, PlaceSource places, PathSource paths, @Nullable Previous previous) {
        return compile(clusters, places, paths, SharingTerms.DEFAULT, previous);
    }

    /** The same on other terms. */
    static RoutingTable compile(
            List<Cluster> clusters,
            PlaceSource places,
            PathSource paths,
            SharingTerms terms,
            @Nullable Previous previous) {
        return new TableCompiler(clusters, places, terms, previous).compile(paths, MeasuredLayer.Damping.DEFAULT);
    }

    /** What a table would come to, after as many rounds as it takes. */
    static RoutingTable rehearse(List<Cluster> clusters, PlaceSource places, PathSource paths, Previous previous) {
        return new TableCompiler(clusters, places, SharingTerms.DEFAULT, previous)
                .compile(paths, MeasuredLayer.Damping.NONE);
    }

    /**
     * The table in use.
     *
     * @param renumbered by its own numbers of clusters, their numbers now, or -1
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Previous(RoutingTable table, int[] renumbered) {}

    PrefixTable prefixes(boolean isIpv4) {
        return isIpv4 ? ipv4 : ipv6;
    }

    MapUnits units() {
        return units;
    }

    PlaceLayer places() {
        return places;
    }

    /** What came of the measurements in it. */
    RemapRound round() {
        return round;
    }

    /** The leaf of an address; see {@link PrefixTable#find}. */
    long find(boolean isIpv4, long high, long low) {
        return isIpv4 ? ipv4.find(high, low) : ipv6.find(high, low);
    }

    /** How many runs of equal leaves both families have, the measure of its memory. */
    public int size() {
        return ipv4.size() + ipv6.size();
    }
}
