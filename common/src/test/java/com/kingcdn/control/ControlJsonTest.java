package com.kingcdn.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.topology.AnswerSettings;
import com.kingcdn.topology.CacheSettings;
import com.kingcdn.topology.Capacity;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.CorsSettings;
import com.kingcdn.topology.DeliverySettings;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.FieldChanges;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HeaderSettings;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.HostHeader;
import com.kingcdn.topology.IpPrefix;
import com.kingcdn.topology.LimitSettings;
import com.kingcdn.topology.OriginCheck;
import com.kingcdn.topology.OriginEndpoint;
import com.kingcdn.topology.Placement;
import com.kingcdn.topology.QuerySettings;
import com.kingcdn.topology.RequestDirectives;
import com.kingcdn.topology.RequestLimit;
import com.kingcdn.topology.SigningKey;
import com.kingcdn.topology.SigningSettings;
import com.kingcdn.topology.UpstreamSettings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The control-plane contract as JSON: what one side writes the other reads, and what a person writes may leave out the obvious. */
class ControlJsonTest {

    private static final JsonMapper JSON = ControlJson.mapper();

    private static final Cluster CLUSTER = new Cluster(
            "fra",
            new GeoPoint(50.11, 8.68),
            ClusterKind.ENTER_DEEP,
            ClusterRole.PARENT,
            List.of(IpPrefix.parse("192.0.2.0/24"), IpPrefix.parse("2001:db8::/32")),
            HealthMode.ASSUMED,
            true,
            List.of(new EdgeNode("fra-1", "127.0.2.1", "2001:db8:2::1", 8080, 2, "fra-1.edges:80")));

    private static final Distribution DISTRIBUTION = new Distribution(
            "a1105",
            List.of("video.netcinema.example"),
            List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600"))),
            HostHeader.CLIENT);

    private static final Distribution RULED = new Distribution(
            "a1106",
            List.of("www.netcinema.example"),
            List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600"))),
            HostHeader.ORIGIN,
            new CacheSettings(
                    Duration.ofMinutes(10),
                    Duration.ofDays(7),
                    Duration.ofMillis(250),
                    Duration.ofSeconds(90),
                    Duration.ofHours(1),
                    "Netcinema-Cache-Control",
                    RequestDirectives.IGNORE,
                    null,
                    null),
            new QuerySettings(QuerySettings.Mode.DENY, List.of("utm_*", "fbclid"), true),
            new HeaderSettings(
                    new FieldChanges(List.of("Server"), Map.of("X-Frame-Options", "DENY"), Map.of()),
                    new FieldChanges(List.of(), Map.of(), Map.of("x-from", "kingcdn"))),
            new DeliverySettings(
                    List.of("GET"),
                    true,
                    DeliverySettings.Cookies.STRIP,
                    new CorsSettings(
                            List.of("https://www.netcinema.example"),
                            List.of("PUT"),
                            List.of("x-token"),
                            List.of("etag"),
                            Duration.ofDays(1),
                            true),
                    true),
            new UpstreamSettings(
                    Duration.ofMillis(250),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(20),
                    new OriginCheck("/up", Duration.ofSeconds(5), Duration.ofSeconds(1), List.of(200))),
            new LimitSettings(new RequestLimit(1000, 2000, 500), new RequestLimit(null, null, 8)),
            new SigningSettings(
                    List.of(new SigningKey(
                            "2026-a", "oct", "HS256", null, "A".repeat(43), null, null, null, null, null)),
                    List.of("/vod/"),
                    null,
                    "netcinema",
                    5000),
            new Placement(List.of("fra", "nyc"), new Capacity(500.5, null)),
            new AnswerSettings(2, AnswerSettings.Order.WEIGHT, "a1100"));

    private static final FillPlan FILL = new FillPlan(
            "a1105",
            List.of("/6Y7B23V"),
            List.of("fra"),
            Instant.EPOCH,
            Instant.parse("2026-11-22T06:00:00Z"),
            1_000_000);

    static List<Object> values() {
        PurgeRequest purge = new PurgeRequest(
                List.of("http://video.netcinema.example/6Y7B23V"),
                List.of("http://video.netcinema.example/a"),
                List.of("title-1"),
                null,
                List.of("a1105"),
                PurgeMode.SOFT);
        return List.of(
                CLUSTER,
                DISTRIBUTION,
                RULED,
                new ControlEvent.Config(
                        new ConfigSnapshot(7, "kingcdn.example", List.of(DISTRIBUTION), List.of(CLUSTER))),
                new ControlEvent.Reset(12),
                new ControlEvent.Heartbeat(13),
                new ControlEvent.Purge("p1", 14, 1_795_327_200_000L, purge),
                new ControlEvent.Fill("f1", 15, FILL),
                new ControlEvent.FillCancelled("f1", 16),
                new HealthReport(
                        "fra-1",
                        "fra",
                        true,
                        14,
                        7,
                        List.of(
                                new PurgeReceipt("p1", 14, 1_795_327_200_500L, 3),
                                new PurgeReceipt("p9", 23, 1_795_327_200_500L, 0, 15L)),
                        List.of(new FillProgress("f1", FillProgress.State.RUNNING, 1, 0, 2, 4096, null))),
                new LoadReport("fra-1", "fra", 120.5, 8e6, 64),
                new RttReport(
                        "fra-1",
                        "fra",
                        List.of(new RttReport.Measurement(IpPrefix.parse("198.51.100.0/24"), 12.5, 1.5, 0.01, 20))));
    }

    @ParameterizedTest
    @MethodSource("values")
    void whatIsWrittenIsReadAgain(Object value) {
        String json = JSON.writeValueAsString(value);
        assertThat(JSON.readValue(json, value.getClass())).isEqualTo(value);
    }

    @ParameterizedTest
    @MethodSource("values")
    void eventsAreReadByTheirType(Object value) {
        if (value instanceof ControlEvent event) {
            assertThat(JSON.readValue(JSON.writeValueAsString(event), ControlEvent.class))
                    .isEqualTo(event);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"port", "weight"})
    void nothingOfANodeIsFilledInForAZero(String key) {
        String node = "{\"id\":\"fra-1\",\"ipv4\":\"127.0.2.1\",\"" + key + "\":";
        assertThatThrownBy(() -> JSON.readValue(node + "0}", EdgeNode.class)).hasMessageContaining(key + " 0 of node");
        assertThat(JSON.readValue(node + "null}", EdgeNode.class))
                .isEqualTo(new EdgeNode("fra-1", "127.0.2.1", null, 8080, 1));
    }

    @Test
    void aClusterMayLeaveOutWhatIsObvious() {
        Cluster cluster = JSON.readValue(
                """
                {"id": "fra", "place": {"latitude": 50.11, "longitude": 8.68},
                 "nodes": [{"id": "fra-1", "ipv4": "127.0.2.1"}]}
                """,
                Cluster.class);
        assertThat(cluster.kind()).isEqualTo(ClusterKind.BRING_HOME);
        assertThat(cluster.nodes()).containsExactly(new EdgeNode("fra-1", "127.0.2.1", null, 8080, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"requestsPerSecond", "bitsPerSecond", "connections"})
    void aLoadIsNotNegative(String field) {
        String json = "{\"node\": \"fra-1\", \"cluster\": \"fra\", \"" + field + "\": -5}";
        assertThatThrownBy(() -> JSON.readValue(json, LoadReport.class)).hasMessageContaining("0 or more");
    }

    /** Whoever logs a distribution logs no secret. */
    @Test
    void secretsAreNotInTheirText() {
        assertThat(RULED.toString()).contains("2026-a").doesNotContain("AAAAAAAA");
    }

    @Test
    void durationsAreWrittenAsPeopleWriteThem() {
        assertThat(JSON.writeValueAsString(RULED))
                .contains("\"defaultTtl\":\"10m\"", "\"maxTtl\":\"7d\"", "\"negativeTtl\":\"250ms\"")
                .contains("\"staleWhileRevalidate\":\"90s\"", "\"staleIfError\":\"1h\"");
        assertThat(JSON.writeValueAsString(Duration.ZERO)).isEqualTo("\"0s\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\"10\"",
                "\"1.5s\"",
                "\"-1s\"",
                "\"10 m\"",
                "\"PT10M\"",
                "\"9999999999s\"",
                "10",
                "{}",
                "[]"
            })
    void whatIsNoDurationIsRefusedWithItsKey(String value) {
        assertThatThrownBy(() -> JSON.readValue("{\"maxTtl\": " + value + "}", CacheSettings.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("[\"maxTtl\"]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cache    | {\"maxTtl\": \"4000d\"}                         | maxTtl is too long: at most 3650d",
                "cache    | {\"negativeTtl\": \"2h\"}                       | negativeTtl is too long: at most 1h",
                "cache    | {\"targetedField\": \"Cache-Control\"}          | must be a name of your own",
                "cache    | {\"targetedField\": \"CDN-Cache-Control\"}      | must be a name of your own",
                "cache    | {\"ttl\": \"1s\"}                               | ttl",
                "query    | {\"mode\": \"allow\"}                           | need names",
                "query    | {\"names\": [\"a\"]}                            | names belong to",
                "query    | {\"mode\": \"deny\", \"names\": [\"a&b\"]}      | not the name of a query parameter",
                "headers  | {\"toClient\": {\"set\": {\"Age\": \"1\"}}}     | field 'Age' cannot be changed",
                "headers  | {\"toClient\": {\"set\": {\"a b\": \"1\"}}}     | not the name of a header field",
                "headers  | {\"toOrigin\": {\"add\": {\"a\": \"x\\r\\ny\"}}} | value of field 'a'",
                "headers  | {\"toOrigin\": {\"set\": {\"a\": \"1\", \"A\": \"2\"}}} | stands twice",
                "delivery | {\"methods\": [\"TRACE\"]}                      | method 'TRACE' is none of",
                "upstream | {\"idleTimeout\": \"2h\"}                      | idleTimeout must be from 1ms to 1h",
                "upstream | {\"check\": {\"interval\": \"5s\"}}            | check path 'null' must be a path",
                "delivery | {\"cors\": {}}                                  | cors needs origins",
                "delivery | {\"cors\": {\"origins\": [\"*\"], \"credentials\": true}} | stands alone",
                "delivery | {\"cors\": {\"origins\": [\"www.example\"]}}    | not an origin such as",
                "signing  | {}                                              | needs at least one key",
                "signing  | {\"keys\": [{\"kid\": \"a\", \"kty\": \"oct\", \"k\": \"c2hvcnQ\"}]} | needs exactly k, 32 to 512 octets",
                "signing  | {\"keys\": [{\"kid\": \"a\", \"kty\": \"EC\", \"d\": \"AA\"}]} | d",
                "signing  | {\"keys\": [{\"kid\": \"a.b\", \"kty\": \"oct\"}]}      | kid must be 1 to 64",
                "signing  | {\"keys\": [{\"kid\": \"a\", \"kty\": \"none\"}]}       | kty of key 'a' must be",
                "signing  | {\"keys\": [{\"kid\": \"a\", \"kty\": \"oct\", \"k\": \"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}], \"nonces\": 0} | nonces of signing must be",
                "limits   | {}                                              | needs total, perClient or both",
                "limits   | {\"total\": {}}                                 | needs requestsPerSecond, concurrentRequests",
                "limits   | {\"total\": {\"requestsPerSecond\": 0}}         | requestsPerSecond must be 1 to",
                "limits   | {\"perClient\": {\"concurrentRequests\": 1, \"burst\": 2}} | burst needs requestsPerSecond",
            })
    void aRuleThatCannotWorkIsRefusedWithItsReason(String component, String value, String reason) {
        String json = "{\"id\": \"a1\", \"origins\": [{\"url\": \"http://o.example\"}], \"%s\": %s}";
        assertThatThrownBy(() -> JSON.readValue(json.formatted(component, value), Distribution.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("[\"" + component + "\"]");
    }

    @Test
    void originsAndHowTheyAreAskedAreReadAsPeopleWriteThem() {
        String json = "{\"id\": \"a1\", \"origins\": [{\"url\": \"http://a.example\", \"weight\": 3},"
                + " {\"url\": \"http://b.example\", \"backup\": true}],"
                + " \"upstream\": {\"connectTimeout\": \"250ms\", \"check\": {\"path\": \"/up\", \"interval\": \"5s\"}}}";
        Distribution read = JSON.readValue(json, Distribution.class);
        assertThat(read.origins())
                .containsExactly(
                        new OriginEndpoint(URI.create("http://a.example"), 3, false),
                        new OriginEndpoint(URI.create("http://b.example"), 1, true));
        assertThat(read.upstream())
                .isEqualTo(new UpstreamSettings(
                        Duration.ofMillis(250),
                        null,
                        null,
                        new OriginCheck("/up", Duration.ofSeconds(5), Duration.ofSeconds(2), List.of(200, 204))));
        assertThat(JSON.readValue(JSON.writeValueAsString(read), Distribution.class))
                .isEqualTo(read);
    }

    @Test
    void enumsAreWrittenAsPeopleWriteThem() {
        assertThat(JSON.writeValueAsString(CLUSTER))
                .contains("\"kind\":\"enter-deep\"", "\"role\":\"parent\"", "\"health\":\"assumed\"")
                .contains("\"coverage\":[\"192.0.2.0/24\"");
        assertThat(JSON.writeValueAsString(new ControlEvent.Heartbeat(1))).contains("\"type\":\"heartbeat\"");
    }

    @Test
    void whatIsInvalidSaysWhy() {
        assertThatThrownBy(() -> JSON.readValue("{\"distribution\": \"a1105\", \"paths\": []}", FillPlan.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("needs paths");
        String heartbeat = "{\"type\": \"heartbeat\", \"sequence\": 1, \"colour\": \"red\"}";
        assertThatThrownBy(() -> JSON.readValue(heartbeat, ControlEvent.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("colour");
        assertThatThrownBy(() -> JSON.readValue("\"192.0.2.1/24\"", IpPrefix.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("did you mean");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\": \"fra\", \"place\": {\"latitude\": 1, \"longitude\": 2}, \"colour\": \"red\"}",
                "{\"id\": \"fra\", \"id\": \"sin\"}",
                "{\"id\": \"fra\", \"place\": {\"latitude\": 1}}",
                "{\"id\": \"fra\"}",
                "{} {}"
            })
    void unknownDuplicateAndMissingKeysAreRefused(String json) {
        assertThatThrownBy(() -> JSON.readValue(json, Cluster.class)).isInstanceOf(JacksonException.class);
    }

    @Test
    void aReportFromANewerEdgeIsUnderstood() {
        HealthReport report = JSON.readValue(
                "{\"node\": \"fra-1\", \"cluster\": \"fra\", \"ready\": true, \"mood\": 3}", HealthReport.class);
        assertThat(report.ready()).isTrue();
        assertThat(report.receipts()).isEmpty();

        LoadReport load = JSON.readValue(
                """
                {"node": "fra-1", "cluster": "fra", "capacity": {"requestsPerSecond": 900, "handshakesPerSecond": 50},
                 "distributions": [{"id": "a", "requestsPerSecond": 3, "handshakesPerSecond": 1}]}
                """,
                LoadReport.class);
        assertThat(load.capacity()).isEqualTo(new Capacity(null, 900.0));
        assertThat(load.distributions()).containsExactly(new LoadReport.OfDistribution("a", 3, 0));

        RttReport measured = JSON.readValue(
                """
                {"node": "fra-1", "cluster": "fra", "measurements": [
                  {"prefix": "198.51.100.0/24", "rttMillis": 12.5, "hops": 7, "method": "quic"},
                  {"prefix": "2001:db8::/48", "rttMillis": 8, "jitterMillis": 2, "loss": 0.5, "probes": 4, "method": "icmp", "ageMillis": 900}]}
                """,
                RttReport.class);
        assertThat(measured.measurements())
                .containsExactly(
                        new RttReport.Measurement(IpPrefix.parse("198.51.100.0/24"), 12.5, 0, 0, 1),
                        new RttReport.Measurement(IpPrefix.parse("2001:db8::/48"), 8, 2, 0.5, 4, RttMethod.ICMP, 900));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"rttMillis\": 5}",
                "{\"prefix\": \"198.51.100.0/24\", \"loss\": 1.5}",
                "{\"prefix\": \"198.51.100.0/24\", \"rttMillis\": -1}",
                "{\"prefix\": \"198.51.100.0/24\", \"probes\": 0}",
                "{\"prefix\": \"198.51.100.0/24\", \"ageMillis\": -1}"
            })
    void aMeasurementThatCannotBeIsRefused(String measurement) {
        String json = "{\"node\": \"fra-1\", \"cluster\": \"fra\", \"measurements\": [" + measurement + "]}";
        assertThatThrownBy(() -> JSON.readValue(json, RttReport.class))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("[\"measurements\"]->java.util.ArrayList[0]");
    }

    @Test
    void aReceiptOfAnOlderEdgeIsForOnePurge() {
        String json = "{\"id\":\"p1\",\"sequence\":14,\"appliedAtMillis\":5,\"entries\":2}";
        PurgeReceipt receipt = JSON.readValue(json, PurgeReceipt.class);
        assertThat(receipt).isEqualTo(new PurgeReceipt("p1", 14, 5, 2));
        assertThat(receipt.first()).isEqualTo(14);
        assertThat(JSON.writeValueAsString(receipt)).isEqualTo(json);
    }

    @Test
    void anEmptyListOfTagsPurgesNoDistribution() {
        assertThatThrownBy(() -> ControlJson.mapper()
                        .readValue("{\"tags\": [], \"distributions\": [\"a1105\"]}", PurgeRequest.class))
                .hasMessageContaining("leave it out to purge whole distributions");
    }
}
