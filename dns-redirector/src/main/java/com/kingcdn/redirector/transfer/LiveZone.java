package com.kingcdn.redirector.transfer;

import com.kingcdn.redirector.registry.ZonePolicy;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Serial;

/**
 * A zone at one moment. Immutable.
 *
 * @param base what its file says, updates apart; the content itself in a zone that we copy
 * @param content what is served, apart from names that lead to distributions
 * @param shown what transfers give: the content, and such names as they are without a map
 * @param history the last changes of {@code shown}, oldest first, each from where the one before led to
 * @param mapped names that lead to distributions, which nobody may change
 */
record LiveZone(
        ServedZone.Kind kind,
        ZonePolicy policy,
        ZoneContent base,
        ZoneContent content,
        ZoneContent shown,
        List<ZoneDelta> history,
        Set<Name> mapped) {

    private static final int MOST_DELTAS = 1_000;
    private static final int LEAST_RECORDS = 10_000;

    LiveZone {
        history = List.copyOf(history);
        mapped = Set.copyOf(mapped);
    }

    Name origin() {
        return content.origin();
    }

    /** The changes that lead from a serial number to now; null when that is longer ago than we remember, or dearer than the whole. */
    @Nullable
    List<ZoneDelta> since(long serial) {
        for (int i = 0; i < history.size(); i++) {
            if (Serial.compare(history.get(i).from().getSerial(), serial) == 0) {
                List<ZoneDelta> deltas = history.subList(i, history.size());
                return deltas.stream().mapToLong(ZoneDelta::size).sum() > shown.size() ? null : deltas;
            }
        }
        return null;
    }

    /** The history with one change more, and as much of what came before as is worth keeping. */
    List<ZoneDelta> remember(ZoneDelta next) {
        List<ZoneDelta> kept = new ArrayList<>(history);
        kept.add(next);
        long records = kept.stream().mapToLong(ZoneDelta::size).sum();
        while (!kept.isEmpty() && (kept.size() > MOST_DELTAS || records > Math.max(LEAST_RECORDS, shown.size()))) {
            records -= kept.remove(0).size();
        }
        return kept;
    }
}
