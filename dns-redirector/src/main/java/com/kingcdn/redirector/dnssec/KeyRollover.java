package com.kingcdn.redirector.dnssec;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is due for the keys of a zone: pure, and by the clock of its caller.
 *
 * <p>A ZSK is replaced by pre-publication (RFC 7583 section 3.2.1): the new key is in the DNSKEY set until every cache knows it, signs
 * then, and the old one leaves when no cache holds its signatures any more. A KSK is replaced by double signature (section 3.3.1): both
 * sign the keys; CDS and CDNSKEY ask the parent for the new one (RFC 7344); the old one leaves when the operator has said that the
 * parent's DS has changed, and caches have forgotten the old. A CSK does both at once.
 */
final class KeyRollover {

    private KeyRollover() {}

    /** @param sep whether the key to be made is a secure entry point */
    record NewKey(boolean sep, KeyTimings timings) {}

    /** @param changed keys that get other timings */
    record Plan(List<KeyState> changed, List<NewKey> created) {

        static final Plan NOTHING = new Plan(List.of(), List.of());

        boolean isEmpty() {
            return changed.isEmpty() && created.isEmpty();
        }
    }

    /** The first keys of a zone, in use at once: no DS leads to it yet. */
    static Plan first(KeyScheme scheme, Instant now) {
        NewKey entry = new NewKey(true, new KeyTimings(now, now, null, null, now, null));
        return scheme == KeyScheme.CSK
                ? new Plan(List.of(), List.of(entry))
                : new Plan(
                        List.of(), List.of(entry, new NewKey(false, new KeyTimings(now, now, null, null, null, null))));
    }

    /** What has to be done now: the end of keys that have a successor, and a successor for a ZSK that is old. */
    static Plan due(List<KeyState> keys, RolloverPolicy policy, Instant now) {
        List<KeyState> changed = new ArrayList<>();
        for (KeyState key : keys) {
            newest(keys, key.sep(), now)
                    .filter(successor -> activation(successor).isAfter(activation(key)))
                    .filter(successor -> key.timings().isPublished(now))
                    .map(successor -> key.with(ended(key, successor, keys, policy)))
                    .filter(ended -> !ended.equals(key))
                    .ifPresent(changed::add);
        }
        return new Plan(changed, isZskOld(keys, policy, now) ? List.of(successor(false, policy, now)) : List.of());
    }

    private static KeyTimings ended(KeyState key, KeyState successor, List<KeyState> keys, RolloverPolicy policy) {
        KeyTimings timings = key.timings();
        Instant change = activation(successor);
        if (!key.sep()) {
            return timings.inactive() == null ? timings.retired(change, change.plus(policy.untilForgotten())) : timings;
        }
        if (timings.syncDelete() != null) {
            return timings;
        }
        boolean signsData = keys.stream().allMatch(KeyState::sep);
        return signsData ? timings.unasked(change).retired(change, null) : timings.unasked(change);
    }

    private static boolean isZskOld(List<KeyState> keys, RolloverPolicy policy, Instant now) {
        return !policy.zskLifetime().isZero()
                && newest(keys, false, now)
                        .filter(zsk -> zsk.timings().activate() != null
                                && zsk.timings().inactive() == null)
                        .filter(zsk -> !now.isBefore(
                                activation(zsk).plus(policy.zskLifetime()).minus(policy.untilKnown())))
                        .isPresent();
    }

    private static NewKey successor(boolean sep, RolloverPolicy policy, Instant now) {
        Instant change = now.plus(policy.untilKnown());
        return new NewKey(sep, new KeyTimings(now, change, null, null, sep ? change : null, null));
    }

    /** Begins to replace a key, or is empty when there is none of its kind or one is being replaced already. */
    static Optional<Plan> begin(List<KeyState> keys, boolean sep, RolloverPolicy policy, Instant now) {
        long published = keys.stream()
                .filter(key -> key.sep() == sep && key.timings().isPublished(now))
                .count();
        return published == 1
                ? Optional.of(new Plan(List.of(), List.of(successor(sep, policy, now))))
                : Optional.empty();
    }

    /** Whether the parent has been asked for another DS, and the operator has not yet said that it is there. */
    static boolean awaitsDs(List<KeyState> keys, Instant now) {
        return keys.stream().anyMatch(key -> awaitsDs(key, now));
    }

    private static boolean awaitsDs(KeyState key, Instant now) {
        KeyTimings timings = key.timings();
        return key.sep()
                && timings.isPublished(now)
                && timings.delete() == null
                && timings.syncDelete() != null
                && !now.isBefore(timings.syncDelete());
    }

    /** The parent has the DS that was asked for: dates the end of the old key. */
    static Plan dsPublished(List<KeyState> keys, RolloverPolicy policy, Instant now) {
        List<KeyState> changed = new ArrayList<>();
        for (KeyState key : keys) {
            if (awaitsDs(key, now)) {
                Instant end = now.plus(policy.untilDsKnown());
                @Nullable Instant inactive = key.timings().inactive();
                if (inactive != null && end.isBefore(inactive.plus(policy.untilForgotten()))) {
                    end = inactive.plus(policy.untilForgotten());
                }
                changed.add(key.with(key.timings().deleted(end)));
            }
        }
        return new Plan(changed, List.of());
    }

    /** The published key of a kind that was, or is to be, activated last. */
    private static Optional<KeyState> newest(List<KeyState> keys, boolean sep, Instant now) {
        return keys.stream()
                .filter(key -> key.sep() == sep && key.timings().isPublished(now))
                .max(Comparator.comparing(KeyRollover::activation));
    }

    private static Instant activation(KeyState key) {
        @Nullable Instant activate = key.timings().activate();
        return activate == null ? Instant.MIN : activate;
    }
}
