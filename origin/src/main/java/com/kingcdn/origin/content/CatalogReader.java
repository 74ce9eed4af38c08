package com.kingcdn.origin.content;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The reading of a store's catalogue at start, and the removal of what cut-off writes have left. */
final class CatalogReader {

    private static final Logger LOG = LoggerFactory.getLogger(CatalogReader.class);
    private static final Pattern OBJECT = Pattern.compile("[0-9a-f]{32}");

    private final Path directory;
    private final JsonMapper json;
    private final Set<String> named = new HashSet<>();
    private int unreadable;

    CatalogReader(Path directory, JsonMapper json) {
        this.directory = directory;
        this.json = json;
    }

    static Path objectFile(Path directory, String object) {
        return directory.resolve("objects").resolve(object.substring(0, 2)).resolve(object);
    }

    /** The name of a path's entry, without its suffix. */
    static String nameOf(String path) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(path.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    void readInto(Catalog catalog) throws IOException {
        for (Path file : filesOf("entries")) {
            if (file.toString().endsWith(".json")) {
                readEntry(file, catalog);
            } else {
                Files.delete(file); // the temporary of a write that was cut off
            }
        }
        // an entry that cannot be read may name any object, so then none is removed
        if (unreadable == 0) {
            removeUnnamed();
        } else {
            LOG.error(
                    "{} entries of the content store {} cannot be used: nothing is removed until they are repaired or deleted",
                    unreadable,
                    directory);
        }
    }

    private void readEntry(Path file, Catalog catalog) throws IOException {
        try {
            CatalogEntry entry = json.readValue(Files.readAllBytes(file), CatalogEntry.class);
            String problem = problemOf(file, entry);
            if (problem == null) {
                named.add(entry.object());
                catalog.put(entry);
            } else {
                unreadable++;
                LOG.error("entry {} is left out: {}", file, problem);
            }
        } catch (JacksonException e) {
            unreadable++;
            LOG.error("entry {} is left out: it is no valid JSON: {}", file, e.getOriginalMessage());
        }
    }

    private @Nullable String problemOf(Path file, CatalogEntry entry) throws IOException {
        if (entry.path() == null || entry.type() == null || entry.sha256() == null || entry.object() == null) {
            return "it lacks a property";
        }
        if (!file.endsWith(nameOf(entry.path()) + ".json")) {
            return "it is in the place of another path";
        }
        if (!OBJECT.matcher(entry.object()).matches()) {
            return "its object has an invalid name";
        }
        Path object = objectFile(directory, entry.object());
        if (!Files.isRegularFile(object, LinkOption.NOFOLLOW_LINKS)) {
            return "its content is missing";
        }
        return Files.size(object) == entry.size() ? null : "its content has another size";
    }

    private void removeUnnamed() throws IOException {
        int removed = 0;
        for (Path file : filesOf("objects")) {
            if (!named.contains(String.valueOf(file.getFileName()))) {
                Files.delete(file);
                removed++;
            }
        }
        if (removed > 0) {
            LOG.info("removed {} objects of uploads that were cut off from {}", removed, directory);
        }
    }

    private List<Path> filesOf(String part) throws IOException {
        try (Stream<Path> files = Files.walk(directory.resolve(part), 2)) {
            return files.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }
}
