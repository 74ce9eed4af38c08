package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.PathSource.KnownPath;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Who is restarted knows what he would know if he had not been. */
class RttFilePropertyTest {

    private static final List<RttMethod> METHODS = List.of(RttMethod.values());
    private static final int CLUSTERS = 4;
    private static final int PREFIXES = 30;
    private static final long WALL = 1_790_000_000_000L;

    private static @Nullable Path directory;

    @BeforeContainer
    static void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("rtt-file");
    }

    @AfterContainer
    static void removeDirectory() throws IOException {
        if (directory != null) {
            Files.deleteIfExists(file());
            Files.delete(directory);
        }
    }

    private static Path file() {
        return directory == null ? Path.of("none") : directory.resolve("rtt-map");
    }

    private static IpPrefix prefix(int number) {
        // some lie in one /20 or /40, and a wide one holds others
        return number == 0
                ? IpPrefix.parse("10.0.0.0/8")
                : number % 3 == 0
                        ? IpPrefix.parse("2001:db8:%x::/48".formatted(number))
                        : IpPrefix.parse("10.%d.%d.0/24".formatted(number % 2, number));
    }

    /** Of whole seconds, as the map counts them. */
    private static RttMap reported(Random random, long seconds) {
        RttMap map = new RttMap();
        for (int i = random.nextInt(200); i > 0; i--) {
            RttReport.Measurement measurement = new RttReport.Measurement(
                    prefix(random.nextInt(PREFIXES)),
                    random.nextInt(5_000) / 10.0,
                    random.nextInt(50),
                    random.nextInt(4) == 0 ? 1 : random.nextInt(10) / 10.0,
                    1 + random.nextInt(80),
                    METHODS.get(random.nextInt(METHODS.size())),
                    1000L * random.nextInt(600));
            String cluster = "c" + random.nextInt(CLUSTERS);
            map.report(
                    new RttReport(cluster + "-1", cluster, List.of(measurement)),
                    1000L * (seconds - random.nextInt(1_000)));
        }
        return map;
    }

    private static long measurements(RttMap map) {
        return map.tables().values().stream().mapToLong(PathTable::size).sum();
    }

    @Property(tries = 300)
    void whatIsReadIsWhatWasKnown_andAsOld(
            @ForAll long seed,
            @ForAll @IntRange(min = 100, max = 1_000_000) int before,
            @ForAll @IntRange(max = 10_000) int away,
            @ForAll @IntRange(max = 1_000_000) int after)
            throws IOException {
        RttMap map = reported(new Random(seed), before);
        RttFile.write(map, file(), WALL, 1000L * before, 0);
        RttMap read = new RttMap();
        long taken = RttFile.read(read, file(), WALL + 1000L * away, 1000L * after);

        map.view(1000L * (before + away), false);
        assertThat(taken).isEqualTo(measurements(read)).isEqualTo(measurements(map));
        assertThat(read.tables().keySet()).isEqualTo(map.tables().keySet());
        for (int later : new int[] {0, 1_000}) {
            for (int i = 0; i < PREFIXES; i++) {
                for (int cluster = 0; cluster < CLUSTERS; cluster++) {
                    assertThat(read.find("c" + cluster, prefix(i), 1000L * (after + later)))
                            .isEqualTo(map.find("c" + cluster, prefix(i), 1000L * (before + away + later)));
                }
            }
        }
    }

    @Property(tries = 300)
    void nothingGetsYounger(
            @ForAll long seed,
            @ForAll @IntRange(max = 999) int millis,
            @ForAll @IntRange(max = 3_000_000) int away,
            @ForAll @IntRange(max = 1_000_000) int after)
            throws IOException {
        long before = 5_000_000L + millis;
        RttMap map = reported(new Random(seed), before / 1000);
        RttFile.write(map, file(), WALL, before, 0);
        RttMap read = new RttMap();
        RttFile.read(read, file(), WALL + away, after);

        for (int i = 0; i < PREFIXES; i++) {
            for (int cluster = 0; cluster < CLUSTERS; cluster++) {
                KnownPath old = map.find("c" + cluster, prefix(i), before + away);
                KnownPath found = read.find("c" + cluster, prefix(i), after);
                if (old != null && old.origin() != null && found != null && found.origin() != null) {
                    assertThat(found.origin().ageMillis())
                            .isBetween(old.origin().ageMillis(), old.origin().ageMillis() + 1000);
                }
            }
        }
    }
}
