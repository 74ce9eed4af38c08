package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** Compares the disk tier with a map, over any order of what can happen to it, eviction and restarts among it. */
class DiskTierPropertyTest {

    enum Kind {
        CREATE,
        BLOCK,
        UPDATE,
        REMOVE,
        PIN,
        UNPIN,
        BURST,
        REOPEN
    }

    /** What to do, to which of the entries made so far. */
    record Step(Kind kind, int entry, int block) {}

    /** What an entry should be. */
    static final class Model {
        final Set<Integer> blocks = new TreeSet<>();
        int version;
        boolean pinned;
    }

    private final List<Path> directories = new ArrayList<>();

    @AfterProperty
    void deleteDirectories() throws IOException {
        for (Path directory : directories) {
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class),
                        Arbitraries.integers().between(0, 20),
                        Arbitraries.integers().between(0, 12))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(60);
    }

    @Property(tries = 60)
    void behavesLikeAMapThatMayForget(@ForAll("steps") List<Step> steps) throws IOException {
        Path directory = Files.createTempDirectory("disk-tier");
        directories.add(directory);
        List<EntryId> ids = new ArrayList<>();
        Map<EntryId, Model> model = new HashMap<>();
        try (DiskTierFixture disk = new DiskTierFixture(directory)) {
            for (Step step : steps) {
                apply(step, disk, ids, model);
            }
            disk.sync();
            check(disk, model);
            disk.reopen();
            check(disk, model);
        }
    }

    private static void apply(Step step, DiskTierFixture disk, List<EntryId> ids, Map<EntryId, Model> model) {
        if (step.kind == Kind.CREATE || ids.isEmpty()) {
            EntryId id = EntryId.next();
            ids.add(id);
            model.put(id, new Model());
            assertThat(disk.create(id, DiskTierFixture.metadata(id, 0))).isTrue();
            return;
        }
        EntryId id = ids.get(step.entry % ids.size());
        Model entry = model.get(id);
        switch (step.kind) {
            case BLOCK -> addBlock(disk, id, entry, step.block);
            case BURST -> {
                for (int block = 100 * step.block; block < 100 * step.block + 24; block++) {
                    addBlock(disk, id, entry, block);
                    disk.sync();
                }
            }
            case UPDATE -> {
                if (disk.update(id, DiskTierFixture.metadata(id, step.block)) && entry != null) {
                    entry.version = step.block;
                }
            }
            case REMOVE -> {
                disk.tier.remove(id);
                model.remove(id);
            }
            case PIN, UNPIN -> {
                boolean pin = step.kind == Kind.PIN;
                if (!pin) {
                    disk.tier.unpin(id);
                } else {
                    disk.tier.pin(id);
                }
                if (entry != null) {
                    entry.pinned = pin;
                }
            }
            case REOPEN -> disk.reopen();
            case CREATE -> throw new AssertionError();
        }
    }

    private static void addBlock(DiskTierFixture disk, EntryId id, @Nullable Model entry, int block) {
        boolean taken = disk.offer(id, block);
        if (entry == null) {
            assertThat(taken).as("removed").isFalse();
        } else if (taken) {
            entry.blocks.add(block);
        }
    }

    private static void check(DiskTierFixture disk, Map<EntryId, Model> model) {
        assertThat(disk.bytesOnDisk()).isLessThanOrEqualTo(DiskTierFixture.CAPACITY.toBytes());
        Map<EntryId, DiskTierFixture.Found> found = disk.found();
        assertThat(model.keySet()).as("removed entries stay removed").containsAll(found.keySet());
        model.forEach((id, entry) -> {
            DiskTierFixture.Found there = found.get(id);
            assertThat(there != null || disk.gone.contains(id)).isTrue();
            if (there != null) {
                assertThat(there.metadata()).isEqualTo(DiskTierFixture.text(id, entry.version));
                assertThat(there.pinned()).isEqualTo(entry.pinned);
                assertThat(entry.blocks).containsAll(there.blocks());
            }
            for (int block : entry.blocks) {
                if (there != null && there.blocks().contains(block)) {
                    disk.assertHit(id, block);
                } else {
                    // one that was still to be written when room was made for it went with its whole entry
                    assertThat(disk.gone.contains(id)
                                    || disk.evictedBlocks.contains(new DiskTierFixture.BlockName(id, block)))
                            .as("told")
                            .isTrue();
                    assertThat(disk.read(id, block)).isNull();
                }
            }
        });
    }
}
