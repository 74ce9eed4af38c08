package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.control.RttReport;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RttFileTest {

    private static final long WALL = 1_790_000_000_000L;
    private static final long NOW = 1_000_000;
    private static final IpPrefix CLIENTS = IpPrefix.parse("192.0.2.0/24");

    @TempDir
    Path directory;

    private final RttMap map = new RttMap();

    private Path file() {
        return directory.resolve("rtt-map");
    }

    private static void report(RttMap target, String cluster, IpPrefix prefix, double rtt) {
        target.report(new RttReport(cluster + "-1", cluster, List.of(new Measurement(prefix, rtt, 1.0, 0.0, 10))), NOW);
    }

    private byte[] written() throws IOException {
        report(map, "fra", CLIENTS, 12);
        report(map, "sin", CLIENTS, 150);
        report(map, "fra", IpPrefix.parse("2001:db8::/48"), 30);
        RttFile.write(map, file(), WALL, NOW, 0);
        return Files.readAllBytes(file());
    }

    private void assertRefused(String why) {
        RttMap read = new RttMap();
        assertThatThrownBy(() -> RttFile.read(read, file(), WALL, NOW))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
        assertThat(read.size()).isZero();
        assertThat(read.taken()).isZero();
    }

    @Test
    void aFlippedBitAnywhereIsNoticed() throws IOException {
        byte[] whole = written();
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file(), flipped);
            assertRefused("it is");
        }
    }

    @Test
    void aPartIsNotTakenForTheWhole_norIsMore() throws IOException {
        byte[] whole = written();
        for (int length = 0; length <= whole.length + 8; length++) {
            if (length != whole.length) {
                Files.write(file(), Arrays.copyOf(whole, length));
                assertRefused("it is");
            }
        }
    }

    @Test
    void anotherVersionIsNotRead() throws IOException {
        byte[] whole = written();
        whole[7] = 2;
        Files.write(file(), whole);
        assertRefused("version 2");
    }

    @Test
    void aClockThatWasSetBackTellsNoAge() throws IOException {
        RttFile.write(map, file(), WALL + 1, NOW, 0);
        assertRefused("still to come");
    }

    @Test
    void whatIsTooOldIsLeftOut_andItsClusterHasNoNumber() throws IOException {
        report(map, "gone", CLIENTS, 12);
        long later = NOW + Duration.ofHours(1).toMillis();
        map.report(new RttReport("fra-1", "fra", List.of(new Measurement(CLIENTS, 20, 1.0, 0.0, 10))), later);
        RttFile.write(map, file(), WALL, later, 0);

        RttMap read = new RttMap();
        assertThat(RttFile.read(read, file(), WALL + 60_000, 5_000)).isEqualTo(1);
        assertThat(read.clusters()).containsExactly("fra");
        assertThat(read.find("fra", CLIENTS, 5_000)).isNotNull();

        RttMap muchLater = new RttMap();
        assertThat(RttFile.read(muchLater, file(), WALL + Duration.ofDays(400).toMillis(), 5_000))
                .isZero();
        assertThat(muchLater.size()).isZero();
        assertThat(muchLater.taken()).isZero();
    }

    @Test
    void aMapWithLessRoomTakesWhatItHasRoomFor_andCountsTheRest() throws IOException {
        for (int i = 0; i < 1000; i++) {
            report(map, "fra", IpPrefix.of(new byte[] {10, (byte) (i >> 8), (byte) i, 0}, 24), 20);
        }
        RttFile.write(map, file(), WALL, NOW, 0);

        RttMap small = new RttMap(RttMap.HALF_LIFE, map.taken() / 2);
        long taken = RttFile.read(small, file(), WALL, NOW);
        assertThat(taken).isBetween(490L, 500L).isEqualTo(small.size());
        assertThat(small.refused()).isEqualTo(1000 - taken);
        assertThat(small.taken()).isLessThanOrEqualTo(map.taken() / 2);
    }

    @Test
    void whatIsReportedAfterwardsGoesOnFromThere() throws IOException {
        written();
        RttMap read = new RttMap();
        RttFile.read(read, file(), WALL, NOW);
        report(read, "nyc", CLIENTS, 90);
        report(read, "fra", CLIENTS, 16);

        assertThat(read.clusters()).containsExactly("fra", "sin", "nyc");
        assertThat(read.find("fra", CLIENTS, NOW))
                .extracting(found -> found.measurement().rttMillis())
                .isEqualTo(14.0);
        assertThat(read.find("sin", CLIENTS, NOW))
                .extracting(found -> found.measurement().rttMillis())
                .isEqualTo(150.0);
        assertThat(read.find("nyc", CLIENTS, NOW))
                .extracting(found -> found.measurement().rttMillis())
                .isEqualTo(90.0);
    }

    @Test
    void theDiskIsNotFilled() throws IOException {
        byte[] whole = written();
        report(map, "nyc", CLIENTS, 90);
        assertThatThrownBy(() -> RttFile.write(map, file(), WALL, NOW, Long.MAX_VALUE / 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("free");
        assertThat(file()).hasBinaryContent(whole);
        assertThat(directory).isDirectoryNotContaining(entry -> !entry.equals(file()));
    }

    @Test
    void aKilledWriterLeavesAWholeMap() throws Exception {
        for (int round = 0; round < 3; round++) {
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            WritingMain.class.getName(),
                            file().toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                // it says so once it has written the file a few times and goes on
                assertThat(writer.inputReader().readLine()).isEqualTo("writing");
            } finally {
                writer.destroyForcibly();
            }
            assertThat(writer.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(RttFile.read(new RttMap(), file(), WALL, NOW))
                    .isEqualTo((long) WritingMain.PREFIXES * WritingMain.CLUSTERS);
        }
    }

    /** Writes a map again and again until it is killed. */
    static final class WritingMain {

        static final int PREFIXES = 2_000;
        static final int CLUSTERS = 20;

        public static void main(String[] arguments) throws IOException {
            RttMap map = new RttMap();
            List<Measurement> measurements = new ArrayList<>();
            for (int i = 0; i < PREFIXES; i++) {
                IpPrefix prefix = IpPrefix.of(new byte[] {10, (byte) (i >> 8), (byte) i, 0}, 24);
                measurements.add(new Measurement(prefix, 20, 1.0, 0.0, 10));
            }
            for (int cluster = 0; cluster < CLUSTERS; cluster++) {
                map.report(new RttReport("c" + cluster + "-1", "c" + cluster, measurements), NOW);
            }
            for (int i = 0; ; i++) {
                RttFile.write(map, Path.of(arguments[0]), WALL, NOW, 0);
                if (i == 3) {
                    System.out.println("writing");
                }
            }
        }
    }
}
