package com.kingcdn.redirector.geo;

import com.kingcdn.topology.GeoPoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The table of countries (ISO 3166-1 alpha-2) and their centres, to one decimal. */
final class CountryCentres {

    private static final Map<String, GeoPoint> CENTRES = read();

    private CountryCentres() {}

    /** The centre of a country, or null when the code is absent or not known. */
    static @Nullable GeoPoint find(@Nullable String code) {
        return code == null ? null : CENTRES.get(code);
    }

    static Map<String, GeoPoint> all() {
        return CENTRES;
    }

    private static Map<String, GeoPoint> read() {
        Map<String, GeoPoint> result = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(
                        CountryCentres.class.getResourceAsStream("country-centres.txt"), "country-centres.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] fields = line.split(" ");
                    result.put(fields[0], new GeoPoint(Double.parseDouble(fields[1]), Double.parseDouble(fields[2])));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.copyOf(result);
    }
}
