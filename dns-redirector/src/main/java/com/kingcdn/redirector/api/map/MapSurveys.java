package com.kingcdn.redirector.api.map;

import com.kingcdn.redirector.api.map.MapDocument.Mapping;
import com.kingcdn.redirector.routing.MapSurvey;
import com.kingcdn.redirector.routing.PlacedNetworks;
import com.kingcdn.redirector.routing.RemapRound;
import com.kingcdn.redirector.routing.TrafficDirector;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The surveys of the map that somebody looks at, made again when the map is another one. All of them together take about a tenth of a core
 * at most, so a large map is seen some seconds late. They keep no map in memory. For one thread.
 */
final class MapSurveys {

    /** As long as it took to look, times this and the number of surveys, one that is older is shown. */
    private static final int REST = 9;

    /** What takes longer was most likely not the look: the machine stood still. */
    private static final long LONGEST_LOOK_MILLIS = 10_000;

    /** Distributions looked at at the same time that each have a survey kept: as many as can follow. */
    private static final int MAX_KEPT = MapFeed.MAX_FOLLOWERS;

    private record Survey(WeakReference<TrafficDirector> director, Mapping mapping, long restUntilMillis) {}

    private final LongSupplier monotonicMillis;
    private final Map<String, Survey> surveys = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable PlacedNetworks networks;

    MapSurveys(LongSupplier monotonicMillis) {
        this.monotonicMillis = monotonicMillis;
    }

    /** @param distribution whose placement counts, or empty */
    Mapping of(TrafficDirector director, String distribution) {
        long begin = monotonicMillis.getAsLong();
        @Nullable Survey last = surveys.get(distribution);
        if (last != null && (last.director().refersTo(director) || begin < last.restUntilMillis())) {
            return last.mapping();
        }
        PlacedNetworks placed = networks;
        if (placed == null || !placed.isOf(director)) {
            placed = PlacedNetworks.of(director);
            networks = placed;
        }
        Mapping mapping = mapping(MapSurvey.of(director, placed, distribution), placed, director.round());
        long end = monotonicMillis.getAsLong();
        int all = surveys.size() + (last == null ? 1 : 0);
        long took = Math.min(LONGEST_LOOK_MILLIS, end - begin);
        surveys.put(distribution, new Survey(new WeakReference<>(director), mapping, end + took * REST * all));
        if (surveys.size() > MAX_KEPT) {
            surveys.remove(surveys.keySet().iterator().next());
        }
        return mapping;
    }

    /** Forgets everything: a geo database's places need not stay in memory when nobody looks. */
    void clear() {
        surveys.clear();
        networks = null;
    }

    private static Mapping mapping(MapSurvey survey, PlacedNetworks networks, RemapRound round) {
        return new Mapping(
                networks.networks() > 0,
                networks.networks(),
                networks.kept(),
                networks.degrees(),
                round.prefixes(),
                round.moved(),
                round.waiting(),
                survey.ownWays(),
                survey.whole(),
                survey.places().stream().map(MapDocument.Place::of).toList(),
                survey.prefixes().stream().map(MapDocument.Prefix::of).toList());
    }
}
