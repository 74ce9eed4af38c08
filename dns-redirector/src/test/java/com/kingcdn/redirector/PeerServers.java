package com.kingcdn.redirector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Other people's name servers beside a redirector: Knot and BIND, each as its secondary or as its primary, or with the same zone. */
final class PeerServers {

    /** Records of the customer's zone, so many that they take many messages. */
    static final int TEXTS = 2_000;

    private final Path directory;
    private final int port;

    /** @param directory where each has one of its own */
    PeerServers(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    ServerProcess knotSecondary(int primary) throws IOException {
        return knot(
                directory("secondary"),
                primary,
                """
                acl:
                  - id: notify
                    address: 127.0.0.1
                    key: xfr
                    action: notify
                zone:
                  - domain: kingcdn.example
                    master: redirector
                    acl: notify
                """);
    }

    /** Of the customer's zone. */
    ServerProcess knotPrimary(int redirector) throws IOException {
        Path own = directory("primary");
        writeCustomerZone(own);
        return knot(
                own,
                redirector,
                """
                acl:
                  - id: all
                    address: 127.0.0.1
                    key: xfr
                    action: [transfer, update]
                zone:
                  - domain: customer.example
                    file: customer.example.zone
                    notify: redirector
                    acl: all
                """);
    }

    private ServerProcess knot(Path own, int redirector, String zone) throws IOException {
        String config =
                """
                server:
                    rundir: "%1$s"
                    listen: 127.0.0.1@%2$d
                    udp-workers: 1
                    tcp-workers: 1
                    background-workers: 1
                log:
                  - target: stderr
                    any: debug
                database:
                    storage: "%1$s"
                template:
                  - id: default
                    storage: "%1$s"
                key:
                  - id: xfr
                    algorithm: hmac-sha256
                    secret: %3$s
                remote:
                  - id: redirector
                    address: 127.0.0.1@%4$d
                    key: xfr
                """
                        .formatted(own, port, ZoneTransferSetup.SECRET, redirector);
        Path file = Files.writeString(own.resolve("knot.conf"), config + zone);
        return ServerProcess.start(own.resolve("log"), "knotd", "-c", file.toString());
    }

    /** Of a zone that stands beside the redirector's own, unsigned. */
    ServerProcess knotBeside(String zone, Path file) throws IOException {
        return knot(
                directory("beside"),
                ServerProcess.freePort(),
                """
                zone:
                  - domain: %s
                    file: "%s"
                    zonefile-sync: -1
                """
                        .formatted(zone, file));
    }

    ServerProcess bindSecondary(int primary) throws IOException {
        return bind(
                directory("secondary"),
                "allow-notify { key xfr; };",
                """
                server 127.0.0.1 { keys xfr; };
                zone "kingcdn.example" {
                    type secondary;
                    file "zone";
                    primaries { 127.0.0.1 port %d key xfr; };
                };
                """
                        .formatted(primary));
    }

    /** Of the customer's zone. */
    ServerProcess bindPrimary(int redirector) throws IOException {
        Path own = directory("primary");
        writeCustomerZone(own);
        return bind(
                own,
                "",
                """
                zone "customer.example" {
                    type primary;
                    file "customer.example.zone";
                    allow-transfer { key xfr; };
                    allow-update { key xfr; };
                    notify explicit;
                    also-notify { 127.0.0.1 port %d key xfr; };
                };
                """
                        .formatted(redirector));
    }

    private ServerProcess bind(Path own, String options, String zone) throws IOException {
        String config =
                """
                %3$s
                options {
                    directory "%1$s";
                    pid-file none;
                    session-keyfile none;
                    listen-on port %2$d { 127.0.0.1; };
                    listen-on-v6 { none; };
                    recursion no;
                    %4$s
                };
                controls { };
                """
                        .formatted(own, port, ZoneTransferSetup.KEY, options);
        Path file = Files.writeString(own.resolve("named.conf"), config + zone);
        return ServerProcess.start(own.resolve("log"), "named", "-g", "-n", "1", "-c", file.toString());
    }

    private Path directory(String name) throws IOException {
        return Files.createDirectory(directory.resolve(name));
    }

    private static void writeCustomerZone(Path own) throws IOException {
        StringBuilder zone = new StringBuilder(
                """
                @ 60 SOA ns host 1 3600 60 86400 60
                @ 60 NS ns
                ns 60 A 192.0.2.1
                www 60 CNAME a1105.kingcdn.example.
                """);
        for (int i = 0; i < TEXTS; i++) {
            zone.append("t%d 60 TXT \"%s\"\n".formatted(i, "x".repeat(200)));
        }
        Files.writeString(own.resolve("customer.example.zone"), zone);
    }
}
