package com.kingcdn.systemtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Objects;

/** The files that a local CDN is configured by: the YAML, zone files and tokens. */
final class CdnFiles {

    private static final Map<String, String> PLACES = Map.of(
            "nyc", "latitude: 40.71, longitude: -74.01",
            "fra", "latitude: 50.11, longitude: 8.68",
            "sin", "latitude: 1.35, longitude: 103.82");

    private final Path directory;
    private final String origin;
    private final String control;
    private final int contentPort;
    private final Map<String, String> edges;

    /** @param edges addresses by cluster */
    CdnFiles(Path directory, String origin, String control, int contentPort, Map<String, String> edges) {
        this.directory = directory;
        this.origin = origin;
        this.control = control;
        this.contentPort = contentPort;
        this.edges = edges;
    }

    Path yaml() {
        return directory.resolve("cdn.yaml");
    }

    Path adminToken() {
        return directory.resolve("admin-token");
    }

    Path edgeToken() {
        return directory.resolve("edge-token");
    }

    Path readerToken() {
        return directory.resolve("reader-token");
    }

    Path originToken() {
        return directory.resolve("origin-token");
    }

    void write() throws IOException {
        Files.writeString(adminToken(), "admin-token-0123456789abcdef");
        Files.writeString(edgeToken(), "edge-token-0123456789abcdef");
        Files.writeString(readerToken(), "reader-token-0123456789abcdef");
        Files.writeString(originToken(), "origin-token-0123456789abcdef");
        Files.writeString(
                directory.resolve("kingcdn.example.zone"),
                """
                $TTL 3600
                @     IN SOA ns1 hostmaster 1 7200 900 1209600 60
                      IN NS  ns1
                      IN MX  10 mail
                      IN TXT "KingCDN under test"
                ns1   IN A   %s
                mail  IN A   %s
                """
                        .formatted(control, control));
        Files.writeString(
                directory.resolve("netcinema.example.zone"),
                """
                $TTL 3600
                @     IN SOA ns1.kingcdn.example. hostmaster 1 7200 900 1209600 60
                      IN NS  ns1.kingcdn.example.
                www   IN A   %s
                """
                        .formatted(control));
        replaceYaml(configuration());
    }

    /** The configuration the CDN starts with. */
    String configuration() {
        StringBuilder yaml = new StringBuilder(
                """
                zones:
                  - {name: kingcdn.example, file: kingcdn.example.zone, cdn: true}
                  - {name: netcinema.example, file: netcinema.example.zone}
                distributions:
                  - id: a1105
                    hosts: [video.netcinema.example]
                    origins: [{url: "%s"}]
                clusters:
                """
                        .formatted(origin));
        edges.forEach((cluster, address) -> yaml.append(
                """
                  - id: %s
                    place: {%s}
                    nodes: [{id: %s-1, ipv4: %s, port: %d}]
                """
                        .formatted(
                                cluster, Objects.requireNonNull(PLACES.get(cluster)), cluster, address, contentPort)));
        return yaml.append("ttl: {host: 1800s, edge-hostname: 60s, address: 20s}\n")
                .toString();
    }

    /** In one step, since the redirector is watching. */
    void replaceYaml(String text) throws IOException {
        Path next = Files.writeString(directory.resolve("cdn.yaml.new"), text);
        Files.move(next, yaml(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
