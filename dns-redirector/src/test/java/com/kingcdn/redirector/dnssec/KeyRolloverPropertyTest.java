package com.kingcdn.redirector.dnssec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * Whatever the operator asks for and whenever: a validator with caches as old as TTLs allow can always validate (RFC 7583 section 2).
 *
 * <p>Time passes hour by hour. Each hour the DNSKEY set, the key that signs the data and the DS set at the parent are noted; then each
 * combination that a cache could hold now is checked.
 */
class KeyRolloverPropertyTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final RolloverPolicy POLICY = new RolloverPolicy(
            Duration.ofHours(2), Duration.ofHours(24), Duration.ofHours(48), Duration.ofHours(1), Duration.ofDays(20));

    /** A zone's life: keys as they would be on the disk, and what was to be seen from outside at each hour. */
    private static final class Life {

        private List<KeyState> keys = new ArrayList<>();
        private int nextTag;
        private final NavigableMap<Integer, List<Integer>> published = new TreeMap<>();
        private final NavigableMap<Integer, Integer> data = new TreeMap<>();
        private final NavigableMap<Integer, List<Integer>> ds = new TreeMap<>();

        private void apply(KeyRollover.Plan plan) {
            plan.created().forEach(key -> keys.add(new KeyState(nextTag++, key.sep(), key.timings())));
            for (KeyState changed : plan.changed()) {
                keys.replaceAll(key -> key.tag() == changed.tag() ? changed : key);
            }
        }

        private void look(int hour) {
            Instant now = at(hour);
            KeyRollover.Plan due = KeyRollover.due(keys, POLICY, now);
            while (!due.isEmpty()) {
                apply(due);
                due = KeyRollover.due(keys, POLICY, now);
            }
            published.put(
                    hour,
                    keys.stream()
                            .filter(key -> key.timings().isPublished(now))
                            .map(KeyState::tag)
                            .toList());
            @Nullable KeyState signer = signer(now);
            assertThat(signer)
                    .as("a key signs the data in hour %d of %s", hour, keys)
                    .isNotNull();
            data.put(hour, Objects.requireNonNull(signer).tag());
        }

        /** As KeySet chooses: a ZSK before a CSK, the one activated last. */
        private @Nullable KeyState signer(Instant now) {
            return keys.stream()
                    .filter(key -> key.timings().isActive(now))
                    .max((one, other) -> one.sep() != other.sep()
                            ? Boolean.compare(!one.sep(), !other.sep())
                            : Objects.requireNonNull(one.timings().activate())
                                    .compareTo(Objects.requireNonNull(
                                            other.timings().activate())))
                    .orElse(null);
        }

        private void parentFollows(int hour) {
            List<Integer> asked = keys.stream()
                    .filter(key -> key.sep() && key.timings().isAskedFor(at(hour)))
                    .map(KeyState::tag)
                    .toList();
            ds.put(hour, asked);
        }
    }

    private static Instant at(int hour) {
        return START.plus(Duration.ofHours(hour));
    }

    @Property(tries = 30)
    void neverLeavesAValidatorWithoutAChain(
            @ForAll boolean split,
            @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 0, max = 1500) Integer> rollEntry,
            @ForAll @Size(max = 6) List<@IntRange(min = 0, max = 1500) Integer> rollZsk,
            @ForAll @IntRange(min = 1, max = 200) int operatorTakes) {
        Life life = new Life();
        life.apply(KeyRollover.first(split ? KeyScheme.KSK_ZSK : KeyScheme.CSK, START));
        int awaitedSince = -1;
        for (int hour = 0; hour < 1500; hour++) {
            life.look(hour);
            if (hour == 0) {
                life.parentFollows(0);
            }
            if (rollEntry.contains(hour)) {
                KeyRollover.begin(life.keys, true, POLICY, at(hour)).ifPresent(life::apply);
            }
            if (rollZsk.contains(hour)) {
                KeyRollover.begin(life.keys, false, POLICY, at(hour)).ifPresent(life::apply);
            }
            if (!KeyRollover.awaitsDs(life.keys, at(hour))) {
                awaitedSince = -1;
            } else if (awaitedSince < 0) {
                awaitedSince = hour;
            } else if (hour - awaitedSince == operatorTakes) {
                life.parentFollows(hour);
                life.apply(KeyRollover.dsPublished(life.keys, POLICY, at(hour)));
            }
        }
        for (int hour = 60; hour < 1500; hour++) {
            check(life, hour);
        }
    }

    private static void check(Life life, int hour) {
        // any DNSKEY set that is still cached has the key that signs now
        int signer = Objects.requireNonNull(life.data.get(hour));
        for (int old = hour - 2; old <= hour; old++) {
            assertThat(life.published.get(old))
                    .as("hour %d, DNSKEY set of hour %d", hour, old)
                    .contains(signer);
        }
        // what was signed before and may still be cached can be validated with today's keys
        for (int old = hour - 48; old <= hour; old++) {
            if (!Objects.requireNonNull(life.published.get(hour)).contains(life.data.get(old))) {
                throw new AssertionError("hour " + hour + ", data of hour " + old + ": " + life.keys);
            }
        }
        // each DS set that may be cached leads to a key that signs today's DNSKEY set
        List<List<Integer>> cached =
                new ArrayList<>(life.ds.subMap(hour - 24, false, hour, true).values());
        cached.add(Objects.requireNonNull(life.ds.floorEntry(hour - 24)).getValue());
        for (List<Integer> set : cached) {
            assertThat(life.published.get(hour)).as("hour %d, DS %s", hour, set).containsAnyElementsOf(set);
        }
    }

    @Property(tries = 20)
    void oneRolloverAtATime(@ForAll @IntRange(min = 1, max = 100) int hours) {
        Life life = new Life();
        life.apply(KeyRollover.first(KeyScheme.CSK, START));
        Optional<KeyRollover.Plan> first = KeyRollover.begin(life.keys, true, POLICY, at(1));
        assertThat(first).isPresent();
        life.apply(first.get());
        assertThat(KeyRollover.begin(life.keys, true, POLICY, at(1 + hours))).isEmpty();
        assertThat(KeyRollover.begin(life.keys, false, POLICY, at(1)))
                .as("there is no ZSK")
                .isEmpty();
    }

    /** RFC 7583 section 3.2.1, with the intervals of the policy. */
    @Property(tries = 1)
    void replacesAZskByPrePublication() {
        Life life = new Life();
        life.apply(KeyRollover.first(KeyScheme.KSK_ZSK, START));
        life.apply(KeyRollover.begin(life.keys, false, POLICY, START).orElseThrow());
        life.look(0);

        Map<Integer, KeyTimings> byTag = new TreeMap<>();
        life.keys.forEach(key -> byTag.put(key.tag(), key.timings()));
        KeyTimings old = Objects.requireNonNull(byTag.get(1));
        KeyTimings successor = Objects.requireNonNull(byTag.get(2));
        assertThat(successor.publish()).isEqualTo(START);
        assertThat(successor.activate()).as("Ipub").isEqualTo(at(3));
        assertThat(old.inactive()).isEqualTo(at(3));
        assertThat(old.delete()).as("Iret").isEqualTo(at(3 + 49));
    }
}
