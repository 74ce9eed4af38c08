package com.kingcdn.redirector;

import com.kingcdn.redirector.dnssec.ZoneKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A redirector that serves a signed tree: {@code example}, and below it {@code kingcdn.example} and {@code netcinema.example} with their DS
 * records in the parent. What it has made of keys in its first life it uses in the second.
 */
final class SignedRedirector implements AutoCloseable {

    private static final String YAML =
            """
            zones:
              - {name: example, file: example.zone, dnssec: true}
              - {name: kingcdn.example, file: kingcdn.zone, cdn: true, dnssec: true}
              - {name: netcinema.example, file: netcinema.zone, dnssec: true}
            distributions:
              - id: a1105
                hosts: [video.netcinema.example, deep.hosts.netcinema.example]
                origins: [{url: "http://127.0.0.1:8600"}]
              - id: apex
                hosts: [netcinema.example]
                origins: [{url: "http://127.0.0.1:8600"}]
              - id: shop
                hosts: [shop.netcinema.example]
                origins: [{url: "http://127.0.0.1:8600"}]
                answers: {sharedWith: a1105}
            clusters:
              - id: nyc
                place: {latitude: 40.7, longitude: -74}
                health: assumed
                nodes:
                  - {id: nyc-1, ipv4: 198.51.100.1, ipv6: "2001:db8:1::1"}
                  - {id: nyc-2, ipv4: 198.51.100.2, ipv6: "2001:db8:1::2"}
              - id: fra
                place: {latitude: 50.11, longitude: 8.68}
                health: assumed
                coverage: [192.0.2.0/24, 127.0.3.0/24]
                nodes: [{id: fra-1, ipv4: 198.51.100.21}]
            """;

    private static final String PARENT =
            """
            $TTL 3600
            @   IN SOA ns.kingcdn hostmaster 1 7200 900 1209600 60
                IN NS ns.kingcdn
            kingcdn   IN NS ns.kingcdn
            netcinema IN NS ns.kingcdn
            ns.kingcdn IN A 127.0.0.1
            """;

    private static final String CDN =
            """
            $TTL 300
            @      IN SOA ns hostmaster 1 7200 900 1209600 60
                   IN NS  ns
                   IN MX  10 Mail
                   IN CAA 0 issue "ca.example"
            ns     IN A   127.0.0.1
            mail   IN A   192.0.2.3
            static IN A   192.0.2.9
                   IN TXT "a static name"
            alias  IN CNAME static
            dangling IN CNAME nothing
            old    IN CNAME a1105
            a.ent  IN TXT "below an empty non-terminal"
            *.wild IN A   192.0.2.10
            *.wild IN MX  5 mail
            x.y.wild IN TXT "no wildcard here"
            *.cwild IN CNAME a1105
            child  IN NS  ns.child
            ns.child IN A 192.0.2.53
            safe   IN NS  ns.child
            safe   IN DS  4711 13 2 E2D3C916F6DEEAC73294E8268FB5885044A833FC5459588F4A9184CFC41A5766
            _dns._udp IN SRV 0 0 53 NS
            big    IN TXT "%s" "%s" "%s" "%s" "%s"
            """
                    .formatted((Object[]) new String[] {
                        "a".repeat(250), "b".repeat(250), "c".repeat(250), "d".repeat(250), "e".repeat(250)
                    });

    private static final String CUSTOMER =
            """
            $TTL 3600
            @   IN SOA ns.kingcdn.example. hostmaster 1 7200 900 1209600 300
                IN NS  ns.kingcdn.example.
            www IN CNAME video
            """;

    private final Path directory;
    private final RunningRedirector redirector;

    private SignedRedirector(Path directory, RunningRedirector redirector) {
        this.directory = directory;
        this.redirector = redirector;
    }

    /** @param more settings */
    static SignedRedirector start(Path directory, String... more) throws IOException {
        RunningRedirector.prepare(directory);
        Files.writeString(directory.resolve("cdn.yaml"), YAML);
        Files.writeString(directory.resolve("kingcdn.zone"), CDN);
        Files.writeString(directory.resolve("netcinema.zone"), CUSTOMER);
        Files.writeString(directory.resolve("example.zone"), PARENT);
        try (RunningRedirector first = RunningRedirector.start(directory, more)) {
            ZoneKeys keys = first.bean(ZoneKeys.class);
            StringBuilder parent = new StringBuilder(PARENT);
            for (String zone : List.of("kingcdn.example", "netcinema.example")) {
                keys.report(zone).orElseThrow().ds().forEach(ds -> parent.append(ds)
                        .append('\n'));
            }
            Files.writeString(directory.resolve("example.zone"), parent);
        }
        return new SignedRedirector(directory, RunningRedirector.start(directory, more));
    }

    RunningRedirector redirector() {
        return redirector;
    }

    int port() {
        return redirector.dns().getPort();
    }

    /** The DNSKEY of the tree's root, in zone file form. */
    String anchor() {
        return redirector
                .bean(ZoneKeys.class)
                .report("example")
                .orElseThrow()
                .dnskeys()
                .get(0);
    }

    /** What delv says to a question, from its standard output and error. */
    String delv(String... question) {
        try {
            Path anchors = directory.resolve("anchors");
            String key = anchor().replaceFirst(".*DNSKEY\\s+", "");
            String[] fields = key.split("\\s+", 4);
            Files.writeString(
                    anchors,
                    "trust-anchors { \"example.\" static-key %s %s %s \"%s\"; };\n"
                            .formatted(fields[0], fields[1], fields[2], fields[3].replaceAll("\\s", "")));
            List<String> command = new ArrayList<>(List.of(
                    "delv", "@127.0.0.1", "-p", String.valueOf(port()), "-a", anchors.toString(), "+root=example"));
            command.addAll(List.of(question));
            return Tool.run(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        redirector.close();
    }
}
