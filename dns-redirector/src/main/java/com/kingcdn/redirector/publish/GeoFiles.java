package com.kingcdn.redirector.publish;

import com.kingcdn.redirector.geo.GeoDatabase;
import com.kingcdn.redirector.routing.PlaceSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/** The geo database in use, opened again only when its files are others: the same object says that the map can stay. */
final class GeoFiles {

    /** Settings of the process, which go before those of the configuration file. */
    private final List<Path> configured;

    private List<String> opened = List.of();
    private PlaceSource places = PlaceSource.NONE;

    GeoFiles(List<Path> configured) {
        this.configured = List.copyOf(configured);
    }

    /** Whether {@link #places} would open other files than it has. */
    boolean changed(List<Path> ofConfiguration) {
        return !fingerprints(files(ofConfiguration)).equals(opened);
    }

    /** @throws com.kingcdn.redirector.geo.GeoDatabaseException when a file cannot be used; the one before stays */
    PlaceSource places(List<Path> ofConfiguration) {
        List<Path> files = files(ofConfiguration);
        List<String> found = fingerprints(files);
        if (!found.equals(opened)) {
            places = files.isEmpty() ? PlaceSource.NONE : GeoDatabase.open(files);
            opened = found;
        }
        return places;
    }

    private List<Path> files(List<Path> ofConfiguration) {
        return configured.isEmpty() ? ofConfiguration : configured;
    }

    private static List<String> fingerprints(List<Path> files) {
        List<String> fingerprints = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                fingerprints.add(file + " " + attributes.fileKey() + " " + attributes.lastModifiedTime() + " "
                        + attributes.size());
            } catch (IOException e) {
                fingerprints.add(file + " cannot be read");
            }
        }
        return fingerprints;
    }
}
