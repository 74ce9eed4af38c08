package com.kingcdn.redirector.api;

import com.kingcdn.redirector.registry.ConfigFileException;
import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.ConflictException;
import com.kingcdn.redirector.routing.MapDiff;
import com.kingcdn.redirector.zone.ServingSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** {@code POST /v1/config/dry-run}: which prefixes a configuration file would move; nothing changes. */
@RestController
final class DryRunController {

    private static final int MOST_MOVES = 1_000;

    /**
     * @param prefixes how many would move, as wide as they can be
     * @param ipv4Addresses how many addresses of IPv4 those are
     * @param moves the first of them, at most {@value #MOST_MOVES}
     * @param truncated whether there are more
     * @param otherPlacements distributions that would be elsewhere: what those move, each is to be asked for by its own id
     */
    record Report(
            long prefixes,
            long ipv4Addresses,
            List<Total> totals,
            List<MapDiff.Move> moves,
            boolean truncated,
            List<String> otherPlacements) {}

    /** What would go from one cluster to another; absent where there is none. */
    record Total(@Nullable String from, @Nullable String to, long prefixes, long ipv4Addresses) {

        private Total plus(Total other) {
            return new Total(from, to, prefixes + other.prefixes, ipv4Addresses + other.ipv4Addresses);
        }
    }

    private final ConfigRegistry config;
    private final Supplier<ServingSnapshot> snapshots;

    DryRunController(ConfigRegistry config, Supplier<ServingSnapshot> snapshots) {
        this.config = config;
        this.snapshots = snapshots;
    }

    /**
     * @param yaml the text of the configuration file as it would be; its zones and its geo database count for nothing here
     * @param distribution whose placement counts, or null for one that is everywhere; refused when there would be none of that id
     */
    @PostMapping("/v1/config/dry-run")
    Mono<Report> run(@RequestBody String yaml, @RequestParam @Nullable String distribution) {
        return Replies.blocking(() -> {
            Map<String, List<String>> before = placements(config.require());
            Configuration then = rehearsed(yaml);
            Map<String, List<String>> after = placements(then);
            if (distribution != null && !after.containsKey(distribution)) {
                throw new UnprocessableException(
                        "/distribution",
                        before.containsKey(distribution)
                                ? "there would be no distribution '" + distribution + "' any more"
                                : "there is no distribution '" + distribution + "', neither now nor then");
            }
            List<String> others = after.keySet().stream()
                    .filter(id -> !Objects.equals(after.get(id), before.getOrDefault(id, List.of())))
                    .toList();
            return report(
                    snapshots
                            .get()
                            .director()
                            .rehearse(then.clusters(), then.distributions(), distribution == null ? "" : distribution),
                    others);
        });
    }

    /** The clusters on which each distribution is placed, in the order of their ids; empty for all of them. */
    private static Map<String, List<String>> placements(Configuration config) {
        Map<String, List<String>> placements = new TreeMap<>();
        config.distributions()
                .forEach(distribution -> placements.put(
                        distribution.id(),
                        distribution.placement() == null
                                ? List.of()
                                : distribution.placement().clusters().stream()
                                        .sorted()
                                        .toList()));
        return placements;
    }

    private Configuration rehearsed(String yaml) {
        try {
            return config.rehearse(yaml);
        } catch (ConfigFileException | ConflictException e) {
            throw new UnprocessableException("", Objects.toString(e.getMessage()));
        }
    }

    private static Report report(List<MapDiff.Move> moves, List<String> otherPlacements) {
        Map<String, Total> totals = new TreeMap<>();
        long addresses = 0;
        for (MapDiff.Move move : moves) {
            long size = move.prefix().isIpv4() ? 1L << (32 - move.prefix().length()) : 0;
            addresses += size;
            totals.merge(move.from() + " " + move.to(), new Total(move.from(), move.to(), 1, size), Total::plus);
        }
        boolean truncated = moves.size() > MOST_MOVES;
        return new Report(
                moves.size(),
                addresses,
                List.copyOf(totals.values()),
                truncated ? moves.subList(0, MOST_MOVES) : moves,
                truncated,
                otherPlacements);
    }
}
