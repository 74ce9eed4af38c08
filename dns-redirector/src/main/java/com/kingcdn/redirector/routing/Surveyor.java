package com.kingcdn.redirector.routing;

import com.kingcdn.redirector.routing.MapSurvey.Place;
import com.kingcdn.redirector.routing.MapSurvey.Prefix;
import com.kingcdn.redirector.routing.MapSurvey.Route;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The maker of one {@link MapSurvey}. For one thread. */
final class Surveyor {

    /** So many runs of the table are looked at for prefixes with a way of their own. */
    private static final int MOST_RUNS = 4_000_000;

    /** A network whose blocks load moves one by one is looked at in as many places as so many bits have values. */
    private static final int SAMPLED_BITS = 3;

    /** Networks of each route whose measurements are looked up. */
    private static final int SAMPLED_PATHS = 3;

    private record Found(boolean isIpv4, long high, long low, int width, ClusterChoice choice) {

        private double weight() {
            return PlacedNetworks.weight(isIpv4, width);
        }

        /** Rules and measurements say more than a fleet that is full or down. */
        private int rank() {
            return choice.reason() == ChoiceReason.LOAD || choice.reason() == ChoiceReason.LAST_KNOWN_GOOD ? 0 : 1;
        }

        private IpPrefix prefix() {
            return Surveyor.prefix(isIpv4, high, low, width);
        }
    }

    private static final Comparator<Found> WORTH =
            Comparator.comparingInt(Found::rank).thenComparingDouble(Found::weight);

    /** What goes from one place to one cluster. */
    private static final class Way {

        private final Map<ChoiceReason, Double> byReason = new EnumMap<>(ChoiceReason.class);
        private final List<IpPrefix> samples = new ArrayList<>(SAMPLED_PATHS);
        private double weight;

        private void add(ChoiceReason reason, double share, boolean isIpv4, long high, int width) {
            weight += share;
            byReason.merge(reason, share, Double::sum);
            if (samples.size() < SAMPLED_PATHS) {
                samples.add(prefix(isIpv4, high, 0, width));
            }
        }

        private ChoiceReason reason() {
            return Collections.max(byReason.entrySet(), Map.Entry.comparingByValue())
                    .getKey();
        }
    }

    private final TrafficDirector director;
    private final PlacedNetworks networks;
    private final int placement;
    private final List<Map<Integer, Way>> ways = new ArrayList<>();
    private final PriorityQueue<Found> found = new PriorityQueue<>(WORTH);
    private long ownWays;
    private int runs;

    Surveyor(TrafficDirector director, PlacedNetworks networks, int placement) {
        this.director = director;
        this.networks = networks;
        this.placement = placement;
    }

    MapSurvey survey() {
        for (int i = 0; i < networks.spots().size(); i++) {
            ways.add(new HashMap<>());
        }
        networks.forEach(this::follow);
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < ways.size(); i++) {
            PlacedNetworks.Spot spot = networks.spots().get(i);
            if (ways.get(i).isEmpty()) {
                // none of its networks was kept
                IpPrefix largest = spot.largest().get(0);
                follow(i, largest.isIpv4(), Addresses.high(largest.address()), largest.length());
            }
            places.add(place(spot, ways.get(i)));
        }
        places.sort(Comparator.comparingDouble(Place::weight).reversed());
        boolean whole = ownWays(true) && ownWays(false);
        return new MapSurvey(places, prefixes(places), ownWays, whole);
    }

    /** Counts a network, run by run where the map divides it. */
    private void follow(int spot, boolean isIpv4, long high, int length) {
        long end = length == 0 ? high : high + (1L << (64 - length));
        long at = high;
        do {
            long leaf = director.leaf(isIpv4, at, 0);
            int width = Math.min(64, Math.max(length, PrefixTable.width(leaf)));
            count(ways.get(spot), leaf, isIpv4, at, width);
            if (width == 0) {
                return;
            }
            at += 1L << (64 - width);
        } while (at != end);
    }

    private void count(Map<Integer, Way> ways, long leaf, boolean isIpv4, long high, int width) {
        @Nullable ClusterChoice choice = director.choice(leaf, isIpv4, high, placement);
        if (choice == null) {
            return;
        }
        int block = ClientBlock.width(isIpv4);
        int bits = choice.split() ? Math.max(0, Math.min(SAMPLED_BITS, block - width)) : 0;
        int parts = 1 << bits;
        double share = PlacedNetworks.weight(isIpv4, width) / parts;
        long step = bits == 0 ? 0 : 1L << (64 - width - bits);
        for (int i = 0; i < parts; i++) {
            @Nullable ClusterChoice of = i == 0 ? choice : director.choice(leaf, isIpv4, high + i * step, placement);
            if (of != null) {
                ways.computeIfAbsent(of.index(), index -> new Way())
                        .add(of.reason(), share, isIpv4, high + i * step, parts == 1 ? width : block);
            }
        }
    }

    private Place place(PlacedNetworks.Spot spot, Map<Integer, Way> ways) {
        double all = ways.values().stream().mapToDouble(way -> way.weight).sum();
        List<Route> routes = new ArrayList<>();
        ways.forEach((index, way) -> routes.add(route(index, way, all)));
        routes.sort(Comparator.comparingDouble(Route::share).reversed().thenComparing(Route::cluster));
        GeoPoint place = spot.place();
        return new Place(
                new GeoPoint(rounded(place.latitude(), 100), rounded(place.longitude(), 100)),
                spot.networks(),
                spot.weight(),
                routes,
                spot.largest());
    }

    private Route route(int index, Way way, double all) {
        String cluster = director.clusters().get(index).cluster().id();
        double confidence = 0;
        double rtt = 0;
        int measured = 0;
        for (IpPrefix sample : way.samples) {
            PathSource.@Nullable KnownPath path = director.inputs().paths().find(cluster, sample);
            if (path != null) {
                confidence += PathCost.confidence(path.measurement());
                rtt += path.measurement().rttMillis();
                measured++;
            }
        }
        return new Route(
                cluster,
                rounded(way.weight / all, 1000),
                way.reason(),
                rounded(confidence / way.samples.size(), 20),
                measured == 0 ? null : rounded(rtt / measured, 1));
    }

    /** Looks at all runs of a family; false when there are too many. */
    private boolean ownWays(boolean isIpv4) {
        long high = 0;
        long low = 0;
        do {
            if (runs++ == MOST_RUNS) {
                return false;
            }
            long leaf = director.leaf(isIpv4, high, low);
            int width = PrefixTable.width(leaf);
            @Nullable ClusterChoice choice = director.choice(leaf, isIpv4, high, placement);
            if (choice != null) {
                offer(new Found(isIpv4, high, low, width, choice));
            }
            if (width == 0) {
                return true;
            }
            if (width <= 64) {
                high += 1L << (64 - width);
            } else {
                low += 1L << (128 - width);
                high += low == 0 ? 1 : 0;
            }
        } while (high != 0 || low != 0);
        return true;
    }

    private void offer(Found run) {
        ChoiceReason reason = run.choice().reason();
        boolean ofItsOwn = reason != ChoiceReason.GEOGRAPHY && reason != ChoiceReason.DEFAULT_ORDER;
        // one of which load moves only a part is seen at its place
        if (ofItsOwn && !(run.choice().split() && run.width() < ClientBlock.width(run.isIpv4()))) {
            ownWays++;
            found.add(run);
            if (found.size() > MapSurvey.MAX_PREFIXES) {
                found.remove();
            }
        }
    }

    private List<Prefix> prefixes(List<Place> places) {
        List<Found> worth = new ArrayList<>(found);
        worth.sort(WORTH.reversed());
        Set<IpPrefix> chosen = new LinkedHashSet<>();
        worth.forEach(run -> chosen.add(run.prefix()));
        places.stream()
                .flatMap(place -> place.largest().stream())
                .sorted(Comparator.comparingDouble((IpPrefix network) -> PlacedNetworks.weight(network))
                        .reversed())
                .forEach(network -> {
                    if (chosen.size() < MapSurvey.MAX_PREFIXES) {
                        chosen.add(network);
                    }
                });
        List<Prefix> result = new ArrayList<>();
        for (IpPrefix prefix : chosen) {
            @Nullable ClusterChoice choice = director.route(prefix).choice(placement);
            if (choice != null) {
                result.add(prefix(prefix, choice));
            }
        }
        return result;
    }

    private Prefix prefix(IpPrefix prefix, ClusterChoice choice) {
        String cluster = choice.cluster().cluster().id();
        @Nullable GeoPoint place = director.inputs().places().find(prefix.address());
        PathSource.@Nullable KnownPath path = director.inputs().paths().find(cluster, prefix);
        @Nullable PathMeasurement measured = path == null ? null : path.measurement();
        double guess = place == null
                ? PathCost.UNKNOWN
                : PathCost.guess(place.distanceKm(choice.cluster().cluster().place()));
        return new Prefix(
                prefix,
                place,
                cluster,
                choice.reason(),
                rounded(PathCost.of(guess, measured), 1),
                rounded(PathCost.confidence(measured), 20),
                measured == null ? null : rounded(measured.rttMillis(), 1));
    }

    private static IpPrefix prefix(boolean isIpv4, long high, long low, int width) {
        byte[] address = isIpv4
                ? ByteBuffer.allocate(4).putInt((int) (high >>> 32)).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        return IpPrefix.of(address, width);
    }

    private static double rounded(double value, int steps) {
        return Math.round(value * steps) / (double) steps;
    }
}
