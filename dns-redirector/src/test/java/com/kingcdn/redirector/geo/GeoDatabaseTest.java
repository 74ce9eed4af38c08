package com.kingcdn.redirector.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeoDatabaseTest {

    @TempDir
    Path directory;

    @Test
    void readsTheNestedSchema() throws IOException {
        Path file = write(Map.of(
                "192.0.2.0/24", Map.of("location", Map.of("latitude", 50.5, "longitude", 8.5)),
                "2001:db8::/32", Map.of("country", Map.of("iso_code", "SG")),
                "198.51.100.0/25", Map.of("registered_country", Map.of("iso_code", "US"))));
        assertThat(networks(GeoDatabase.open(List.of(file))))
                .containsOnly(
                        Map.entry("192.0.2.0/24", new GeoPoint(50.5, 8.5)),
                        Map.entry("2001:db8::/32", new GeoPoint(1.4, 103.8)),
                        Map.entry("198.51.100.0/25", new GeoPoint(38.5, -92.0)));
    }

    @Test
    void readsTheFlatSchema() throws IOException {
        Path file = write(Map.of(
                "192.0.2.0/24", Map.of("latitude", 50.5f, "longitude", 8.5f, "country_code", "DE"),
                "203.0.113.0/24", Map.of("country_code", "SG")));
        assertThat(networks(GeoDatabase.open(List.of(file))))
                .containsOnly(
                        Map.entry("192.0.2.0/24", new GeoPoint(50.5, 8.5)),
                        Map.entry("203.0.113.0/24", new GeoPoint(1.4, 103.8)));
    }

    @Test
    void leavesOutRecordsWithoutAPlace() throws IOException {
        Path file = write(Map.of(
                "192.0.2.0/24", Map.of("country_code", "DE"),
                "198.51.100.0/24", Map.of("country_code", "None"),
                "203.0.113.0/24", Map.of("latitude", 200f, "longitude", 0f)));
        assertThat(networks(GeoDatabase.open(List.of(file)))).containsOnlyKeys("192.0.2.0/24");
    }

    @Test
    void findsOneAddressInAnyOfTheFiles() throws IOException {
        Path file = write(Map.of("192.0.2.0/24", Map.of("country_code", "DE")));
        Path other = write(Map.of("2001:db8::/32", Map.of("country_code", "SG")));
        GeoDatabase database = GeoDatabase.open(List.of(file, other));
        assertThat(database.find(IpPrefix.parse("192.0.2.9").address())).isEqualTo(new GeoPoint(50.8, 9.5));
        assertThat(database.find(IpPrefix.parse("2001:db8::1").address())).isEqualTo(new GeoPoint(1.4, 103.8));
        assertThat(database.find(IpPrefix.parse("8.8.8.8").address())).isNull();
    }

    @Test
    void refusesWhatIsNoDatabase() throws IOException {
        Path text = Files.writeString(directory.resolve("text.mmdb"), "not a database".repeat(100));
        assertThatThrownBy(() -> GeoDatabase.open(List.of(text)))
                .isInstanceOf(GeoDatabaseException.class)
                .hasMessageContaining("text.mmdb")
                .hasMessageContaining("no MaxMind DB file");
        assertThatThrownBy(() -> GeoDatabase.open(List.of(directory.resolve("absent.mmdb"))))
                .isInstanceOf(GeoDatabaseException.class)
                .hasMessageContaining("absent.mmdb does not exist");
        Path other = write(Map.of("192.0.2.0/24", Map.of("asn", "AS64496")));
        assertThatThrownBy(() -> GeoDatabase.open(List.of(other)))
                .isInstanceOf(GeoDatabaseException.class)
                .hasMessageContaining("neither places nor countries")
                .hasMessageContaining("asn");
    }

    @Test
    void refusesATruncatedDatabase() throws IOException {
        Path file = directory.resolve("demo.mmdb");
        DemoGeoDatabase.write(file);
        byte[] whole = Files.readAllBytes(file);
        // the middle is gone: the metadata still promises it
        byte[] torn = new byte[whole.length - 3000];
        System.arraycopy(whole, 0, torn, 0, 1000);
        System.arraycopy(whole, 4000, torn, 1000, whole.length - 4000);
        Files.write(file, torn);
        assertThatThrownBy(() -> networks(GeoDatabase.open(List.of(file))))
                .isInstanceOf(GeoDatabaseException.class)
                .hasMessageContaining("demo.mmdb");
    }

    @Test
    void makesADemonstrationDatabaseThatHasTheDocumentationPrefixes() throws IOException {
        Path file = directory.resolve("demo.mmdb");
        DemoGeoDatabase.main(new String[] {file.toString()});
        Map<String, GeoPoint> networks = networks(GeoDatabase.open(List.of(file)));
        assertThat(networks)
                .containsKeys("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8:2::/48")
                .containsEntry("8.8.8.0/24", new GeoPoint(37.4, -122.1))
                .containsEntry("193.0.0.0/21", new GeoPoint(52.4, 4.9));
        byte[] first = Files.readAllBytes(file);
        DemoGeoDatabase.write(file);
        assertThat(Files.readAllBytes(file)).isEqualTo(first);
    }

    @Test
    void knowsTheCentreOfEachCountry() {
        assertThat(CountryCentres.all().keySet()).containsAll(Arrays.asList(Locale.getISOCountries()));
        assertThat(CountryCentres.find("DE")).isEqualTo(new GeoPoint(50.8, 9.5));
        assertThat(CountryCentres.find("ZZ")).isNull();
    }

    private Path write(Map<String, Map<String, ?>> networks) throws IOException {
        MmdbWriter writer = new MmdbWriter();
        networks.forEach((prefix, record) -> writer.insert(IpPrefix.parse(prefix), record));
        return Files.write(Files.createTempFile(directory, "geo", ".mmdb"), writer.toBytes("Test", "for a test", 1));
    }

    private static Map<String, GeoPoint> networks(GeoDatabase database) {
        Map<String, GeoPoint> result = new LinkedHashMap<>();
        database.forEach((prefix, place) -> result.put(prefix.toString(), place));
        return result;
    }
}
