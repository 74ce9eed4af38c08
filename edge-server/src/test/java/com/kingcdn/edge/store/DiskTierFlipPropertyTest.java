package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.springframework.util.FileSystemUtils;

/**
 * Octets that change on disk, anywhere: never a wrong octet is read, and whatever record was not hit itself is still there, be it before or
 * behind the damage.
 */
class DiskTierFlipPropertyTest {

    private static final int ENTRIES = 60;

    private static Path directory = Path.of("");

    /** The segments as a killed process leaves them: the last one without an index. */
    private static final Map<String, byte[]> KILLED = new TreeMap<>();

    /** The same after an orderly end. */
    private static final Map<String, byte[]> SEALED = new TreeMap<>();

    /** Where each record is. */
    private static final List<Placed> RECORDS = new ArrayList<>();

    private static final List<EntryId> IDS = new ArrayList<>();

    record Placed(String file, long offset, RecordHeader header) {

        boolean isHitBy(Flip flip) {
            return flip.file.equals(file) && flip.at >= offset && flip.at < offset + header.recordBytes();
        }
    }

    record Flip(String file, int at, int bit) {}

    /** Names a block; metadata is block -1. */
    record Part(EntryId id, int block) {

        static Part of(RecordHeader header) {
            return new Part(header.id(), header.type() == RecordType.BLOCK ? header.block() : -1);
        }
    }

    @BeforeContainer
    static void store() throws IOException {
        directory = Files.createTempDirectory("disk-flips");
        Path source = directory.resolve("source");
        Random random = new Random(5);
        try (DiskTierFixture disk = new DiskTierFixture(source)) {
            for (int i = 0; i < ENTRIES; i++) {
                EntryId id = EntryId.next();
                IDS.add(id);
                disk.create(id, DiskTierFixture.metadata(id, 0));
                for (int block = 0; block < 1 + i % 3; block++) {
                    byte[] content = new byte[1 + random.nextInt(40_000)];
                    new Random(id.low() * 31 + block).nextBytes(content);
                    disk.offer(id, block, content);
                }
                disk.sync();
            }
            copyTo(KILLED, disk.segments());
        }
        try (DiskTierFixture disk = new DiskTierFixture(source)) {
            disk.tier.close();
            copyTo(SEALED, disk.segments());
        }
        findRecords(source);
        assertThat(KILLED).hasSizeGreaterThan(1);
    }

    private static void copyTo(Map<String, byte[]> target, List<Path> segments) throws IOException {
        for (Path segment : segments) {
            target.put(segment.getFileName().toString(), Files.readAllBytes(segment));
        }
    }

    private static void findRecords(Path source) throws IOException {
        try (SegmentFiles files = new SegmentFiles(source, FileChannel::open)) {
            for (long number : files.list()) {
                Segment segment = files.open(number);
                assertThat(segment).isNotNull();
                String file = segment.path().getFileName().toString();
                SegmentReader.read(segment, (header, offset) -> RECORDS.add(new Placed(file, offset, header)));
                segment.close();
            }
        }
    }

    @AfterContainer
    static void delete() throws IOException {
        FileSystemUtils.deleteRecursively(directory);
    }

    @Property(tries = 150)
    void oneOctetCostsItsOwnRecordAlone(@ForAll Random random, @ForAll boolean killed) throws IOException {
        check(killed ? KILLED : SEALED, random, 1);
    }

    /** Of a segment's two ways to be read, several may damage both; then what was hit is still all that is lost. */
    @Property(tries = 100)
    void someOctetsCostTheirOwnRecordsAlone(@ForAll Random random, @ForAll boolean killed) throws IOException {
        check(killed ? KILLED : SEALED, random, 5);
    }

    private static void check(Map<String, byte[]> segments, Random random, int flips) throws IOException {
        Path place = directory.resolve("damaged");
        FileSystemUtils.deleteRecursively(place);
        Files.createDirectories(place);
        List<Flip> flipped = flip(segments, place, random, flips);
        Set<Part> hit = new HashSet<>();
        for (Placed record : RECORDS) {
            if (flipped.stream().anyMatch(record::isHitBy)) {
                hit.add(Part.of(record.header));
            }
        }
        try (DiskTierFixture disk = new DiskTierFixture(place)) {
            Map<EntryId, DiskTierFixture.Found> found = disk.found();
            for (EntryId id : IDS) {
                boolean known = !hit.contains(new Part(id, -1));
                assertThat(found.containsKey(id)).as("%s after %s", id, flipped).isEqualTo(known);
                for (int block = 0; block < 3; block++) {
                    byte[] octets = disk.read(id, block);
                    Part part = new Part(id, block);
                    boolean stored = RECORDS.stream()
                            .anyMatch(record -> Part.of(record.header).equals(part));
                    if (octets != null) {
                        byte[] right = new byte[octets.length];
                        new Random(id.low() * 31 + block).nextBytes(right);
                        assertThat(Arrays.equals(octets, right)).isTrue();
                    }
                    if (known) {
                        assertThat(octets != null)
                                .as("%s after %s", part, flipped)
                                .isEqualTo(stored && !hit.contains(part));
                    }
                }
            }
        }
    }

    private static List<Flip> flip(Map<String, byte[]> segments, Path place, Random random, int count)
            throws IOException {
        List<Flip> flipped = new ArrayList<>();
        List<String> names = List.copyOf(segments.keySet());
        for (int i = 0; i < count; i++) {
            String name = names.get(random.nextInt(names.size()));
            int length = Objects.requireNonNull(segments.get(name)).length;
            // every other one in a header, which is where it hurts, or else anywhere: content, index or trailer
            List<Placed> inFile = RECORDS.stream()
                    .filter(record -> record.file.equals(name) && record.offset + RecordHeader.BYTES <= length)
                    .toList();
            int at = random.nextBoolean() && !inFile.isEmpty()
                    ? (int) inFile.get(random.nextInt(inFile.size())).offset + random.nextInt(RecordHeader.BYTES)
                    : SegmentPreamble.BYTES / 2 + random.nextInt(length - SegmentPreamble.BYTES / 2);
            Flip flip = new Flip(name, at, 1 << random.nextInt(8));
            if (!flipped.contains(flip)) { // the same bit again would mend it
                flipped.add(flip);
            }
        }
        for (String name : names) {
            byte[] octets = Objects.requireNonNull(segments.get(name)).clone();
            for (Flip flip : flipped) {
                if (flip.file.equals(name)) {
                    octets[flip.at] ^= (byte) flip.bit;
                }
            }
            Files.write(place.resolve(name), octets);
        }
        return flipped;
    }
}
