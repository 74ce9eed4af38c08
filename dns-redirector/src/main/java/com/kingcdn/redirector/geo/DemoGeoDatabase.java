package com.kingcdn.redirector.geo;

import com.kingcdn.topology.IpPrefix;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;

/**
 * The maker of the small geo database that a first try on one machine uses: a few well-known networks and the documentation prefixes,
 * in MaxMind's City schema, from {@code demo-networks.txt}. Run it with the file to write as its only argument.
 */
public final class DemoGeoDatabase {

    /** Fixed, so that the same networks make the same file: 2026-01-01. */
    private static final long BUILD_EPOCH = 1_767_225_600L;

    private DemoGeoDatabase() {}

    /** Writes the file; exit status 2 when it is called wrongly. */
    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: DemoGeoDatabase OUT.mmdb");
            System.exit(2);
        }
        write(Path.of(args[0]));
    }

    /** Writes the file whole or not at all. */
    public static void write(Path file) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(temporary, bytes());
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] bytes() throws IOException {
        MmdbWriter writer = new MmdbWriter();
        try (InputStream in = Objects.requireNonNull(
                        DemoGeoDatabase.class.getResourceAsStream("demo-networks.txt"), "demo-networks.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (!line.startsWith("#")) {
                    insert(writer, line.split(" ", 5));
                }
            }
        }
        return writer.toBytes(
                "KingCDN-Demo-City", "Well-known and documentation networks for a first try", BUILD_EPOCH);
    }

    private static void insert(MmdbWriter writer, String[] fields) {
        Map<String, Double> location =
                Map.of("latitude", Double.valueOf(fields[2]), "longitude", Double.valueOf(fields[3]));
        writer.insert(
                IpPrefix.parse(fields[0]),
                Map.of(
                        "country", Map.of("iso_code", fields[1]),
                        "location", location,
                        "city", Map.of("names", Map.of("en", fields[4]))));
    }
}
