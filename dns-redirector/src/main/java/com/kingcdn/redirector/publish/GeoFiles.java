package com.kingcdn.redirector.publish;

import com.kingcdn.redirector.geo.GeoDatabase;
import com.kingcdn.redirector.geo.GeoDatabaseException;
import com.kingcdn.redirector.routing.PlaceSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The geo database in use, opened again only when its files are others: the same object says that the map can stay. Files that cannot be
 * used change nothing, but at the beginning: neither may a configuration wait for them, nor zones, nor what is measured.
 */
final class GeoFiles {

    private static final Logger log = LoggerFactory.getLogger(GeoFiles.class);

    /** Settings of the process, which go before those of the configuration file. */
    private final List<Path> configured;

    private List<String> opened = List.of();
    private PlaceSource places = PlaceSource.NONE;
    private boolean begun;
    private boolean stale;

    GeoFiles(List<Path> configured) {
        this.configured = List.copyOf(configured);
    }

    /** Whether {@link #places} would open other files than it has tried. */
    boolean changed(List<Path> ofConfiguration) {
        return !fingerprints(files(ofConfiguration)).equals(opened);
    }

    /** @throws GeoDatabaseException when a file cannot be used, and nothing has been in use before */
    PlaceSource places(List<Path> ofConfiguration) {
        List<Path> files = files(ofConfiguration);
        List<String> found = fingerprints(files);
        if (!found.equals(opened)) {
            places = open(files);
            opened = found;
        }
        begun = true;
        return places;
    }

    /** Whether the files cannot be used as they are now. */
    boolean isStale() {
        return stale;
    }

    private PlaceSource open(List<Path> files) {
        try {
            PlaceSource fresh = files.isEmpty() ? PlaceSource.NONE : GeoDatabase.open(files);
            if (begun) {
                // some damage shows only where it is read
                fresh.forEach((network, place) -> {});
            }
            stale = false;
            return fresh;
        } catch (GeoDatabaseException e) {
            if (!begun) {
                throw e;
            }
            stale = true;
            log.error("the geo database cannot be used as it is now, what was in use before stays: {}", e.getMessage());
            return places;
        }
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
