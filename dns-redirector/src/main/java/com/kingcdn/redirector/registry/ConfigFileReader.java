package com.kingcdn.redirector.registry;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.kingcdn.control.ControlJson;
import com.kingcdn.control.DurationText;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Reads the configuration file (YAML) and the zone files it names; every refusal names the line and the reason. */
public final class ConfigFileReader {

    private static final Duration LONGEST_TTL = Duration.ofDays(7);

    /** Gives the text of a file: from disk, or from a saved copy. */
    @FunctionalInterface
    public interface FileText {
        String read(Path file) throws IOException;
    }

    private record Document(
            @Nullable List<KeyEntry> keys,
            @Nullable List<ZoneEntry> zones,
            @Nullable List<Distribution> distributions,
            @Nullable List<Cluster> clusters,
            @Nullable TtlEntry ttl,
            @Nullable HttpsEntry https,
            @Nullable GeoEntry geo,
            ProbeSettings.@Nullable Entry probe) {}

    private record TtlEntry(
            @Nullable String host,
            @JsonProperty("edge-hostname") @Nullable String edgeHostname,
            @Nullable String address) {}

    private record HttpsEntry(@Nullable List<String> alpn, @Nullable Integer port) {}

    private record GeoEntry(
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable List<String> database) {}

    private final Consumer<ZoneSource> zoneCheck;

    /** @param zoneCheck throws for a zone file that is not valid, with a message that names its line */
    public ConfigFileReader(Consumer<ZoneSource> zoneCheck) {
        this.zoneCheck = zoneCheck;
    }

    /**
     * Reads the file and those it names from disk.
     *
     * @throws ConfigFileException when anything in them is not valid
     */
    public ConfigFile read(Path file) {
        try {
            return parse(file, Files.readString(file), Files::readString);
        } catch (IOException e) {
            throw new ConfigFileException(file + ": cannot be read: " + e, e);
        }
    }

    /**
     * The same from texts.
     *
     * @param file where relative paths begin, and for messages
     */
    public ConfigFile parse(Path file, String yaml, FileText files) {
        YamlTree tree;
        try {
            tree = YamlTree.parse(yaml);
        } catch (YamlTree.InvalidException e) {
            throw new ConfigFileException(file + ":" + e.line() + ": " + e.getMessage(), e);
        }
        try {
            Document document = ControlJson.mapper().treeToValue(tree.root(), Document.class);
            Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a directory");
            List<KeySource> keys = keys(list(document.keys, "/keys"), directory);
            return new ConfigFile(
                    file,
                    yaml,
                    zones(list(document.zones, "/zones"), directory, files, names(keys)),
                    secondaries(list(document.zones, "/zones"), names(keys)),
                    keys,
                    list(document.distributions, "/distributions"),
                    list(document.clusters, "/clusters"),
                    ttls(document.ttl),
                    https(document.https),
                    document.geo == null ? List.of() : resolve(list(document.geo.database, "/geo/database"), directory),
                    document.probe == null ? ProbeSettings.DEFAULT : document.probe.settings(),
                    tree.lines());
        } catch (JacksonException e) {
            JsonRefusal refusal = JsonRefusal.of(e);
            throw ConfigFile.refusal(file, tree.lines(), refusal.pointer(), refusal.reason(), e);
        } catch (ConflictException e) {
            throw ConfigFile.refusal(file, tree.lines(), e.pointer(), Objects.toString(e.getMessage()), e);
        }
    }

    private List<ZoneSource> zones(List<ZoneEntry> entries, Path directory, FileText files, Set<String> keys) {
        List<ZoneSource> zones = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            ZoneEntry entry = entries.get(i);
            String pointer = "/zones/" + i;
            if (entry.isSecondary(pointer)) {
                continue;
            }
            Path file = directory.resolve(Objects.requireNonNull(entry.file()));
            ZonePolicy policy = entry.policy(pointer, keys);
            ZoneSource zone;
            try {
                zone = new ZoneSource(
                        ZoneEntry.name(entry.name()), file, entry.cdn(), entry.dnssec(), files.read(file), policy);
            } catch (IOException e) {
                throw new ConflictException(pointer + "/file", "zone file " + file + " cannot be read: " + e);
            }
            try {
                zoneCheck.accept(zone);
            } catch (RuntimeException e) {
                throw new ConflictException(pointer + "/file", Objects.toString(e.getMessage()));
            }
            zones.add(zone);
        }
        return zones;
    }

    private static List<SecondarySource> secondaries(List<ZoneEntry> entries, Set<String> keys) {
        List<SecondarySource> zones = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            ZoneEntry entry = entries.get(i);
            String pointer = "/zones/" + i;
            if (entry.isSecondary(pointer)) {
                zones.add(new SecondarySource(
                        ZoneEntry.name(entry.name()), entry.primaries(pointer, keys), entry.policy(pointer, keys)));
            }
        }
        return zones;
    }

    /** From disk also when the rest comes from a saved copy: secrets are never copied. */
    private static List<KeySource> keys(List<KeyEntry> entries, Path directory) {
        List<KeySource> keys = new ArrayList<>();
        for (KeyEntry entry : entries) {
            String pointer = "/keys/" + keys.size();
            KeySource key = entry.read(directory, pointer);
            if (names(keys).contains(key.name())) {
                throw new ConflictException(pointer + "/name", "key '" + key.name() + "' stands twice");
            }
            keys.add(key);
        }
        return keys;
    }

    private static Set<String> names(List<KeySource> keys) {
        return keys.stream().map(KeySource::name).collect(Collectors.toSet());
    }

    private static Ttls ttls(@Nullable TtlEntry entry) {
        return entry == null
                ? Ttls.DEFAULT
                : new Ttls(
                        ttl("host", entry.host, Ttls.DEFAULT.host()),
                        ttl("edge-hostname", entry.edgeHostname, Ttls.DEFAULT.edgeHostname()),
                        ttl("address", entry.address, Ttls.DEFAULT.address()));
    }

    private static Duration ttl(String key, @Nullable String text, Duration otherwise) {
        if (text == null) {
            return otherwise;
        }
        Duration value = DurationText.parse(text);
        // in messages a TTL is a number of whole seconds
        if (value != null
                && value.toMillis() % 1000 == 0
                && value.compareTo(LONGEST_TTL) <= 0
                && value.compareTo(Duration.ZERO) > 0) {
            return value;
        }
        throw new ConflictException(
                "/ttl/" + key, "'" + text + "' is no TTL: a whole number with s, m, h or d, from 1s to 7d");
    }

    private static HttpsSettings https(@Nullable HttpsEntry entry) {
        if (entry == null) {
            return HttpsSettings.NONE;
        }
        List<String> alpn = list(entry.alpn, "/https/alpn");
        for (String protocol : alpn) {
            if (!protocol.matches("[A-Za-z0-9./_-]{1,32}")) {
                throw new ConflictException("/https/alpn", "'" + protocol + "' is no protocol such as h2 or h3");
            }
        }
        int port = entry.port == null ? HttpsSettings.NONE.port() : entry.port;
        if (alpn.isEmpty() || port < 1 || port > 65535) {
            throw new ConflictException("/https", "https needs alpn, such as [h2, h3], and a port from 1 to 65535");
        }
        return new HttpsSettings(alpn, port);
    }

    private static List<Path> resolve(List<String> paths, Path directory) {
        return paths.stream().map(directory::resolve).toList();
    }

    private static <T> List<T> list(@Nullable List<T> values, String pointer) {
        if (values == null) {
            return List.of();
        }
        if (values.stream().anyMatch(Objects::isNull)) {
            throw new ConflictException(pointer, "a list holds an empty value");
        }
        return values;
    }
}
