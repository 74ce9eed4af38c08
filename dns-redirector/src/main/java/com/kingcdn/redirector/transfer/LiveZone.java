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
        List<Change> history,
        Set<Name> mapped) {

    private static final int MOST_DELTAS = 1_000;
    private static final int LEAST_RECORDS = 10_000;

    /** Of the heap, and so many more for each record of the zone: few records may be long ones. */
    private static final long LEAST_BYTES = 1 << 20;

    private static final int BYTES_A_RECORD = 64;

    /**
     * One change that is remembered.
     *
     * @param bytes what its records take of the heap, about
     */
    record Change(ZoneDelta delta, long bytes) {

        static Change of(ZoneDelta delta) {
            return new Change(delta, CopyMemory.weight(delta.removed()) + CopyMemory.weight(delta.added()));
        }
    }

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
            if (Serial.compare(history.get(i).delta().from().getSerial(), serial) == 0) {
                List<ZoneDelta> deltas = history.subList(i, history.size()).stream()
                        .map(Change::delta)
                        .toList();
                return deltas.stream().mapToLong(ZoneDelta::size).sum() > shown.size() ? null : deltas;
            }
        }
        return null;
    }

    /** The history with one change more, and as much of what came before as is worth keeping. */
    List<Change> remember(ZoneDelta next) {
        int mostRecords = Math.max(LEAST_RECORDS, shown.size());
        if (next.size() > mostRecords) {
            return List.of();
        }
        long mostBytes = LEAST_BYTES + (long) BYTES_A_RECORD * shown.size();
        List<Change> kept = new ArrayList<>(history);
        kept.add(Change.of(next));
        long records = kept.stream().mapToLong(change -> change.delta().size()).sum();
        long bytes = kept.stream().mapToLong(Change::bytes).sum();
        while (!kept.isEmpty() && (kept.size() > MOST_DELTAS || records > mostRecords || bytes > mostBytes)) {
            Change oldest = kept.remove(0);
            records -= oldest.delta().size();
            bytes -= oldest.bytes();
        }
        return kept;
    }
}
