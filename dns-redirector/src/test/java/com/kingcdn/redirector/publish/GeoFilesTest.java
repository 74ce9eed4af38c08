package com.kingcdn.redirector.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.geo.DemoGeoDatabase;
import com.kingcdn.redirector.geo.GeoDatabase;
import com.kingcdn.redirector.geo.GeoDatabaseException;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GeoFilesTest {

    private static final IpPrefix CLIENT = IpPrefix.parse("8.8.8.8");

    @TempDir
    Path directory;

    private final GeoFiles files = new GeoFiles(List.of());
    private Path city = Path.of("");

    @BeforeEach
    void write() throws IOException {
        city = directory.resolve("city.mmdb");
        DemoGeoDatabase.write(city);
    }

    /** Else no configuration would be compiled, nor what is measured, until somebody has mended the file. */
    @ParameterizedTest
    @ValueSource(strings = {"gone", "text", "no numbers"})
    void whatWasReadBeforeStaysInUseWhenItsFileIsDamaged(String damage) throws IOException {
        PlaceSource before = files.places(List.of(city));
        switch (damage) {
            case "gone" -> Files.delete(city);
            case "text" -> Files.writeString(city, "no database");
            default -> {
                Files.write(city, withoutNumbers(Files.readAllBytes(city)));
                assertThat(GeoDatabase.open(List.of(city))).isNotNull();
            }
        }
        assertThat(files.changed(List.of(city))).isTrue();
        assertThat(files.places(List.of(city))).isSameAs(before);
        assertThat(files.isStale()).isTrue();
        assertThat(files.changed(List.of(city))).as("until it changes again").isFalse();
        assertThat(before.find(CLIENT.address())).isNotNull();

        DemoGeoDatabase.write(city);
        assertThat(files.changed(List.of(city))).isTrue();
        assertThat(files.places(List.of(city))).isNotSameAs(before);
        assertThat(files.isStale()).isFalse();
    }

    /** With octets where numbers should be: it can be opened, and fails where it is read. */
    private static byte[] withoutNumbers(byte[] database) {
        String text = new String(database, StandardCharsets.ISO_8859_1);
        return text.replace("latitudeh", "latitude\u0088").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Zones and their copies, and what is measured, must not wait until somebody has mended the configuration. */
    @Test
    void whatWasReadBeforeStaysInUseWhenOtherFilesCannotBeUsed() {
        PlaceSource before = files.places(List.of(city));
        List<Path> others = List.of(directory.resolve("other.mmdb"));
        assertThat(files.places(others)).isSameAs(before);
        assertThat(files.isStale()).isTrue();
        assertThat(files.places(List.of())).isSameAs(PlaceSource.NONE);
        assertThat(files.isStale()).isFalse();
        assertThat(files.places(others)).isSameAs(PlaceSource.NONE);
    }

    @Test
    void thereIsNoBeginningWithFilesThatCannotBeUsed() {
        List<Path> others = List.of(directory.resolve("other.mmdb"));
        assertThatThrownBy(() -> files.places(others)).isInstanceOf(GeoDatabaseException.class);

        assertThat(files.places(List.of())).isSameAs(PlaceSource.NONE);
        assertThat(files.places(others)).as("without any before").isSameAs(PlaceSource.NONE);
    }
}
