package com.kingcdn.redirector.rtt;

import java.util.Collection;
import java.util.List;

/**
 * What resolvers ask us when their clients ask them: each keeps one answer for each name and scope, for its TTL.
 *
 * <p>A cache is asked by a Poisson process at {@code r} a second, so it asks us {@code r / (1 + r TTL)} times a second, by the theory
 * of renewals. Names are asked for by Zipf's law. Names that share another's answers are asked for once, for all clients, by a CNAME with
 * scope 0, and all of them come to one further name, whose answers have scopes.
 *
 * @param sites demand by resolver
 * @param scopes demand by resolver and scope
 */
record ResolverCaches(Collection<Double> sites, Collection<Double> scopes) {

    static final int NAMES = (1 << 14) - 1;

    private static final double TTL_SECONDS = 20;
    private static final double CNAME_TTL_SECONDS = 1800;
    /** Of a group of names: its middle rank, as a multiple of the first one. */
    private static final double MIDDLE = 1.44;

    ResolverCaches {
        sites = List.copyOf(sites);
        scopes = List.copyOf(scopes);
    }

    /** The same resolvers when they send no subnets. */
    ResolverCaches withoutSubnets() {
        return new ResolverCaches(sites, sites);
    }

    /**
     * Queries per second that come to us.
     *
     * @param asked look-ups per second by all clients
     * @param own so many names, those most asked for, have answers of their own; the others share one name's
     */
    double queries(double asked, int own) {
        double all = sites.stream().mapToDouble(Double::doubleValue).sum();
        double weights = 0;
        for (int first = 1; first <= NAMES; first *= 2) {
            weights += 1 / MIDDLE;
        }
        double queries = 0;
        double sharing = 0;
        // names by rank, in groups that double
        for (int first = 1; first <= NAMES; first *= 2) {
            double each = asked / all / (first * MIDDLE * weights);
            boolean shared = first > own;
            queries += first * missed(shared ? sites : scopes, each, shared ? CNAME_TTL_SECONDS : TTL_SECONDS);
            sharing += shared ? first * each : 0;
        }
        return queries + missed(scopes, sharing, TTL_SECONDS);
    }

    private static double missed(Collection<Double> demands, double each, double ttl) {
        double queries = 0;
        for (double demand : demands) {
            double rate = demand * each;
            queries += rate / (1 + rate * ttl);
        }
        return queries;
    }

    /** By what queries grow with subnets, if all names had answers of their own before. */
    double growth(double asked, int own) {
        return queries(asked, own) / withoutSubnets().queries(asked, NAMES);
    }

    /** By what queries grow with subnets, if as many names shared answers before. */
    double growthBySubnets(double asked, int own) {
        return queries(asked, own) / withoutSubnets().queries(asked, own);
    }

    /** So many look-ups per second that queries grow that much when all names have answers of their own. */
    double askedFor(double growth) {
        double low = 1e-3;
        double high = 1e9;
        for (int i = 0; i < 60; i++) {
            double middle = Math.sqrt(low * high);
            if (growth(middle, NAMES) < growth) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
