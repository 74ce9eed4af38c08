package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Variant;
import com.kingcdn.http.HeaderFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** Compares a store that is closed and opened again and again, and goes on while it still loads, with a map. */
class DiskLoadPropertyTest {

    private static final int KEYS = 6;

    /** A few of them fill a segment, so that loading has steps. */
    private static final int SIZE = 400_000;

    enum Kind {
        STORE,
        REMOVE,
        MARK_STALE,
        REMOVE_TAG,
        PIN,
        REOPEN,
        LOAD
    }

    record Step(Kind kind, int key) {}

    /** What is stored of a key. */
    record Stored(int version, boolean stale) {}

    private final List<Path> directories = new ArrayList<>();

    @AfterProperty
    void deleteDirectories() throws IOException {
        for (Path directory : directories) {
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(5, Kind.STORE),
                Tuple.of(2, Kind.REMOVE),
                Tuple.of(2, Kind.MARK_STALE),
                Tuple.of(1, Kind.REMOVE_TAG),
                Tuple.of(1, Kind.PIN),
                Tuple.of(3, Kind.REOPEN),
                Tuple.of(1, Kind.LOAD));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, KEYS - 1))
                .as(Step::new)
                .list()
                .ofMinSize(10)
                .ofMaxSize(40);
    }

    @Property(tries = 20)
    void whatIsFoundIsTheLatestAndAfterLoadingAllIsFound(@ForAll("steps") List<Step> steps) throws IOException {
        Path directory = Files.createTempDirectory("disk-load");
        directories.add(directory);
        FailingDisk disk = new FailingDisk();
        disk.readsTakeMillis = 1;
        Map<Integer, Stored> model = new HashMap<>();
        CacheStore store = open(directory, disk);
        try {
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                if (step.kind == Kind.REOPEN) {
                    store.close();
                    store = open(directory, disk);
                } else {
                    apply(step, i, store, model);
                }
                check(store, model, false);
            }
            StoredContent.awaitLoaded(store);
            check(store, model, true);
        } finally {
            store.close();
        }
    }

    private static CacheStore open(Path directory, FailingDisk disk) {
        return CacheStore.open(
                DataSize.ofMegabytes(64),
                DiskTierSettings.of(directory, DataSize.ofMegabytes(64)),
                disk,
                Purges.MOST_SCOPES);
    }

    private static CacheKey key(int number) {
        return StoredContent.key("/" + number);
    }

    private static void apply(Step step, int version, CacheStore store, Map<Integer, Stored> model) {
        switch (step.kind) {
            case STORE -> {
                add(store, step.key, version);
                model.put(step.key, new Stored(version, false));
            }
            case REMOVE -> {
                store.remove(key(step.key));
                model.remove(step.key);
            }
            case MARK_STALE -> {
                store.markStale(key(step.key));
                model.computeIfPresent(step.key, (key, stored) -> new Stored(stored.version, true));
            }
            case REMOVE_TAG -> {
                store.remove(PurgeScope.tag(null, tag(step.key)));
                model.keySet().removeIf(key -> tag(key).equals(tag(step.key)));
            }
            case PIN -> store.pin(key(step.key));
            case LOAD -> StoredContent.awaitLoaded(store);
            case REOPEN -> throw new AssertionError();
        }
    }

    private static String tag(int key) {
        return "tag" + key % 3;
    }

    private static void add(CacheStore store, int number, int version) {
        HeaderFields fields =
                HeaderFields.of("etag", "\"" + version + "\"", "cache-control", "max-age=60", "cache-tag", tag(number));
        StoredResponse response = StoredResponse.of(200, fields, Variant.NONE, 1_000L + version, 1_000L + version);
        StoredContent.put(store, key(number), response, SIZE, version);
    }

    private static void check(CacheStore store, Map<Integer, Stored> model, boolean all) {
        for (int number = 0; number < KEYS; number++) {
            CacheEntry found = StoredContent.find(store, "/" + number);
            Stored expected = model.get(number);
            if (found == null) {
                assertThat(all && expected != null).as("%d is lost", number).isFalse();
                continue;
            }
            assertThat(expected).as("%d was purged", number).isNotNull();
            assertThat(found.response().fields().first("etag")).isEqualTo("\"" + expected.version + "\"");
            assertThat(found.lookup().validationRequired()).isEqualTo(expected.stale);
            if (all) {
                assertThat(found.firstMissing(0, SIZE)).isEqualTo(-1);
            }
        }
    }
}
