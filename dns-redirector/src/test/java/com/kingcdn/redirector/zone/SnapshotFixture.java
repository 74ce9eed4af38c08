package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.redirector.routing.FixedPlaces;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The textbook's CDN as a snapshot: zones kingcdn.example and netcinema.example, clusters nyc, fra and sin. */
public final class SnapshotFixture {

    public static final String CDN_ZONE =
            """
            $TTL 300
            @      IN SOA ns1 hostmaster 2026010101 7200 900 1209600 60
                   IN NS  ns1
                   IN NS  ns2
                   IN MX  10 mail
                   IN CAA 0 issue "ca.example"
            ns1    IN A   192.0.2.1
            ns1    IN AAAA 2001:db8::1
            ns2    IN A   192.0.2.2
            mail   IN A   192.0.2.3
            static IN A   192.0.2.9
                   IN TXT "a static name"
            alias  IN CNAME static
            away   IN CNAME www.elsewhere.example.
            loop1  IN CNAME loop2
            loop2  IN CNAME loop1
            dangling IN CNAME nothing
            old    IN CNAME a1105
            a.ent  IN TXT "below an empty non-terminal"
            *.wild IN A   192.0.2.10
            *.wild IN MX  5 mail
            x.y.wild IN TXT "no wildcard here"
            *.cwild IN CNAME a1105
            child  IN NS  ns.child
            ns.child IN A 192.0.2.53
            _dns._udp IN SRV 0 0 53 ns1
            9.2.0.192.in-addr IN PTR static
            moved  IN DNAME new.kingcdn.example.
            moved  IN TXT "beside a DNAME"
            x.moved IN A 192.0.2.99
            www.new IN A  192.0.2.11
            away2  IN DNAME elsewhere.example.
            long   IN DNAME a-target-that-is-longer-than-its-owner.kingcdn.example.
            svc    IN HTTPS 1 . alpn=h2 port=8443
            svc    IN A   192.0.2.12
            odd    IN TYPE65280 \\# 4 0A000001
            foreign IN MX 10 mail.netcinema.example.
            big    IN TXT "%s" "%s" "%s" "%s" "%s" "%s"
            """
                    .formatted((Object[]) new String[] {
                        "a".repeat(250),
                        "b".repeat(250),
                        "c".repeat(250),
                        "d".repeat(250),
                        "e".repeat(250),
                        "f".repeat(250)
                    });

    public static final String CUSTOMER_ZONE =
            """
            $TTL 3600
            @      IN SOA ns1.kingcdn.example. hostmaster 1 7200 900 1209600 300
                   IN NS  ns1.kingcdn.example.
            www    IN CNAME video
            """;

    private SnapshotFixture() {}

    /** All clusters assumed up. */
    public static ServingSnapshot snapshot() {
        return ServingSnapshot.compile(inputs(HealthMode.ASSUMED, Set.of()));
    }

    public static ServingInputs inputs(HealthMode health, Set<String> upNodes) {
        return new ServingInputs(
                List.of(
                        new ServedZone(zone("kingcdn.example", CDN_ZONE), ServedZone.Kind.CDN),
                        new ServedZone(zone("netcinema.example", CUSTOMER_ZONE), ServedZone.Kind.PRIMARY)),
                List.of(
                        distribution("a1105", "video.netcinema.example", "deep.hosts.netcinema.example"),
                        distribution("apex", "netcinema.example", "shop.elsewhere.example", "vanity.kingcdn.example")),
                clusters(health),
                Ttls.DEFAULT,
                PLACES,
                PathSource.NONE,
                upNodes);
    }

    public static List<Cluster> clusters(HealthMode health) {
        return List.of(
                cluster("nyc", 40.7, -74.0, 1, health),
                cluster("fra", 50.1, 8.7, 2, health),
                new Cluster(
                        "sin",
                        new GeoPoint(1.35, 103.8),
                        ClusterKind.BRING_HOME,
                        null,
                        List.of(IpPrefix.parse("127.0.3.0/24")),
                        health,
                        false,
                        List.of(new EdgeNode("sin-1", "198.51.100.31", null, 0, 0))));
    }

    private static Cluster cluster(String id, double latitude, double longitude, int number, HealthMode health) {
        List<EdgeNode> nodes = java.util.stream.IntStream.rangeClosed(1, 6)
                .mapToObj(node -> new EdgeNode(
                        id + "-" + node,
                        "198.51.100." + (number * 10 + node),
                        "2001:db8:" + number + "::" + node,
                        0,
                        0))
                .toList();
        return new Cluster(id, new GeoPoint(latitude, longitude), null, null, null, health, false, nodes);
    }

    public static Distribution distribution(String id, String... hosts) {
        return Topologies.distribution(id, hosts);
    }

    public static ZoneContent zone(String name, String text) {
        try {
            Path file = Files.createTempFile("zone", ".zone");
            try {
                Files.writeString(file, text);
                return ZoneFile.read(name, file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** 8.8.8.0/24 near nyc, 193.0.0.0/21 near fra, 203.0.113.0/24 and 2001:db8:3::/48 near sin. */
    public static final PlaceSource PLACES = new FixedPlaces()
            .with("8.8.8.0/24", new GeoPoint(37.4, -122.1))
            .with("193.0.0.0/21", new GeoPoint(52.4, 4.9))
            .with("203.0.113.0/24", new GeoPoint(1.3, 103.8))
            .with("2001:db8:3::/48", new GeoPoint(1.3, 103.8));
}
