package com.kingcdn.redirector.routing;

import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The networks of a geo database, gathered at places that are few enough to draw. Its size is bounded, whatever the database's is: of very
 * many networks every n-th is kept, and places near each other are one. Reading the database takes seconds when it is large.
 */
public final class PlacedNetworks {

    /** The most places. */
    public static final int MAX_PLACES = 400;

    /** The most networks that are kept, a power of two. */
    static final int MAX_NETWORKS = 1 << 18;

    /** The most networks that a place is known by. */
    static final int LARGEST = 4;

    /** Degrees between places that are told apart. */
    private static final double FINEST = 1;

    private static final int MAX_LENGTH = 64;

    /** One place: where its networks are in the mean, and how much of the Internet that is. */
    static final class Spot {

        private double latitudes;
        private double longitudes;
        private double weight;
        private long networks;
        private final List<IpPrefix> largest = new ArrayList<>(LARGEST);

        private void add(IpPrefix network, GeoPoint place) {
            double share = PlacedNetworks.weight(network);
            add(place.latitude(), place.longitude(), share, 1);
            offer(network);
        }

        private void add(double latitude, double longitude, double share, long count) {
            latitudes += latitude * share;
            longitudes += longitude * share;
            weight += share;
            networks += count;
        }

        private void offer(IpPrefix network) {
            double share = PlacedNetworks.weight(network);
            int at = largest.size();
            while (at > 0 && PlacedNetworks.weight(largest.get(at - 1)) < share) {
                at--;
            }
            if (at < LARGEST) {
                if (largest.size() == LARGEST) {
                    largest.remove(LARGEST - 1);
                }
                largest.add(at, network);
            }
        }

        private void add(Spot other) {
            GeoPoint middle = other.place();
            add(middle.latitude(), middle.longitude(), other.weight, other.networks);
            other.largest.forEach(this::offer);
        }

        GeoPoint place() {
            return new GeoPoint(latitudes / weight, longitudes / weight);
        }

        double weight() {
            return weight;
        }

        long networks() {
            return networks;
        }

        /** The first is the largest. */
        List<IpPrefix> largest() {
            return largest;
        }
    }

    /** A database that is no more in use shall not stay in memory for this. */
    private final WeakReference<PlaceSource> source;

    private final Map<Long, Integer> cells = new HashMap<>();
    private List<Spot> spots = new ArrayList<>();
    private double degrees = FINEST;
    private long networks;

    private long[] starts = new long[1024];
    private byte[] lengths = new byte[1024];
    private boolean[] families = new boolean[1024];
    private int[] places = new int[1024];
    private int kept;
    private int stride = 1;

    private PlacedNetworks(PlaceSource source) {
        this.source = new WeakReference<>(source);
    }

    /** Gathers the networks that a map is made from. */
    public static PlacedNetworks of(TrafficDirector director) {
        PlaceSource source = director.inputs().places();
        PlacedNetworks result = new PlacedNetworks(source);
        source.forEach(result::add);
        result.widen();
        return result;
    }

    /** Whether a map is made from these networks. */
    public boolean isOf(TrafficDirector director) {
        return source.refersTo(director.inputs().places());
    }

    /** How much of the Internet a network is: one for each address of IPv4, or each /48 of IPv6. */
    static double weight(IpPrefix network) {
        return weight(network.isIpv4(), network.length());
    }

    static double weight(boolean isIpv4, int length) {
        return Math.scalb(1.0, (isIpv4 ? 32 : 48) - length);
    }

    private void add(IpPrefix network, GeoPoint place) {
        if (network.length() > MAX_LENGTH) {
            return;
        }
        int spot = cells.computeIfAbsent(cell(place, degrees), key -> {
            spots.add(new Spot());
            return spots.size() - 1;
        });
        spots.get(spot).add(network, place);
        if (networks++ % stride == 0) {
            keep(network, spot);
        }
    }

    private void keep(IpPrefix network, int spot) {
        if (kept == MAX_NETWORKS) {
            thin();
            if ((networks - 1) % stride != 0) {
                return;
            }
        }
        if (kept == starts.length) {
            starts = Arrays.copyOf(starts, 2 * kept);
            lengths = Arrays.copyOf(lengths, 2 * kept);
            families = Arrays.copyOf(families, 2 * kept);
            places = Arrays.copyOf(places, 2 * kept);
        }
        starts[kept] = Addresses.high(network.address());
        lengths[kept] = (byte) network.length();
        families[kept] = network.isIpv4();
        places[kept++] = spot;
    }

    /** Every second one goes. */
    private void thin() {
        stride *= 2;
        kept /= 2;
        for (int i = 0; i < kept; i++) {
            starts[i] = starts[2 * i];
            lengths[i] = lengths[2 * i];
            families[i] = families[2 * i];
            places[i] = places[2 * i];
        }
    }

    private static long cell(GeoPoint place, double degrees) {
        long row = (long) Math.floor((place.latitude() + 90) / degrees);
        return row * 1000 + (long) Math.floor((place.longitude() + 180) / degrees);
    }

    /** Makes one of neighbours until there are few enough. */
    private void widen() {
        while (spots.size() > MAX_PLACES) {
            degrees *= 2;
            cells.clear();
            List<Spot> wide = new ArrayList<>();
            int[] moved = new int[spots.size()];
            for (int i = 0; i < moved.length; i++) {
                moved[i] = cells.computeIfAbsent(cell(spots.get(i).place(), degrees), key -> {
                    wide.add(new Spot());
                    return wide.size() - 1;
                });
                wide.get(moved[i]).add(spots.get(i));
            }
            for (int i = 0; i < kept; i++) {
                places[i] = moved[places[i]];
            }
            spots = wide;
        }
        cells.clear();
    }

    /** Receives networks that were kept. */
    interface Visitor {

        /**
         * One of them.
         *
         * @param spot the number of its place
         * @param high the first 64 bits of its first address; an IPv4 address stands in the upper half
         */
        void visit(int spot, boolean isIpv4, long high, int length);
    }

    void forEach(Visitor visitor) {
        for (int i = 0; i < kept; i++) {
            visitor.visit(places[i], families[i], starts[i], lengths[i]);
        }
    }

    List<Spot> spots() {
        return spots;
    }

    /** How many networks the database has. */
    public long networks() {
        return networks;
    }

    /** How many of them stand for all when it is asked where they go. */
    public int kept() {
        return kept;
    }

    /** Places that are nearer to each other than so many degrees are one. */
    public double degrees() {
        return degrees;
    }
}
