package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.edge.EdgeProcess.Answer;
import com.kingcdn.edge.agent.FakeRedirector;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** A cluster of two nodes behind a parent cluster, each node a process, in front of an origin that takes its time. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TiersIT {

    private static final GeoPoint NEW_YORK = new GeoPoint(40.71, -74.01);
    private static final byte[] CONTENT = content();

    @TempDir
    static Path directory;

    private final RawOrigin origin = new RawOrigin((head, in, out) -> answer(head, out));
    private final FakeRedirector redirector = new FakeRedirector(0);
    private final int[] ports = {EdgeProcess.freePort(), EdgeProcess.freePort(), EdgeProcess.freePort()};
    private EdgeProcess first;
    private EdgeProcess second;
    private EdgeProcess shield;

    private static byte[] content() {
        byte[] content = new byte[600_000];
        new Random(3).nextBytes(content);
        return content;
    }

    private static boolean answer(String head, OutputStream out) throws IOException {
        if (head.startsWith("GET /slow")) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1_500));
        }
        out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + CONTENT.length
                        + "\r\nETag: \"one\"\r\nCache-Control: max-age=600\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.write(CONTENT);
        return true;
    }

    private static Cluster cluster(String id, ClusterRole role, @Nullable String parent, EdgeNode... nodes) {
        return new Cluster(id, NEW_YORK, null, role, null, null, false, List.of(nodes), parent, null);
    }

    private static EdgeNode node(String id, int port) {
        return new EdgeNode(id, "127.0.0.1", null, port, 1);
    }

    @BeforeAll
    void start() throws IOException {
        redirector.configure(new ConfigSnapshot(
                1,
                "kingcdn.example",
                List.of(new Distribution("a1105", List.of(EdgeProcess.HOST), List.of(origin.endpoint()), null)),
                List.of(
                        cluster("nyc", ClusterRole.EDGE, "shield", node("nyc-1", ports[0]), node("nyc-2", ports[1])),
                        cluster("shield", ClusterRole.PARENT, null, node("shield-1", ports[2])))));
        first = new EdgeProcess("nyc-1", "nyc", ports[0], redirector.url(), directory.resolve("nyc-1"));
        second = second();
        shield = new EdgeProcess("shield-1", "shield", ports[2], redirector.url(), directory.resolve("shield-1"));
        await().atMost(Duration.ofSeconds(90))
                .until(() -> shield.serves("/ready") && first.serves("/ready") && second.serves("/ready"));
        // those that started later than the others asked them have been left alone for a while
        await().atMost(Duration.ofSeconds(60)).until(() -> seenBy(first, "nyc-2") && seenBy(second, "nyc-1"));
    }

    private EdgeProcess second() throws IOException {
        return new EdgeProcess("nyc-2", "nyc", ports[1], redirector.url(), directory.resolve("nyc-2"));
    }

    /** How often a node has said that another one does not answer. */
    private static long silences(EdgeProcess node, String tier) {
        return node.log()
                .lines()
                .filter(line -> line.contains(tier + " http") && line.contains("does not answer"))
                .count();
    }

    /** Whether a node has its sibling as the owner of some keys, and the parent behind it. */
    private static boolean seenBy(EdgeProcess node, String sibling) {
        return IntStream.range(0, 8).anyMatch(i -> members(node.fetch("/warm?" + node.node() + System.nanoTime()))
                .equals(List.of("shield-1", sibling, node.node())));
    }

    @AfterAll
    void stop() {
        for (EdgeProcess process : List.of(first, second, shield)) {
            process.close();
        }
        redirector.close();
        origin.close();
    }

    private long fetched(String target) {
        return origin.heads().stream()
                .filter(head -> head.startsWith("GET " + target + " "))
                .count();
    }

    /** The caches of a Cache-Status, the one nearest to the origin first (RFC 9211 section 2). */
    private static List<String> members(Answer answer) {
        return answer.cacheStatus().stream()
                .map(member -> member.substring(0, member.indexOf(';')))
                .toList();
    }

    /** A target that the other node owns. */
    private static String ownedByOther(EdgeProcess node, String start) {
        for (int i = 0; i < 100; i++) {
            if (members(node.fetch(start + "?" + i)).size() == 3) {
                return start + "?" + i;
            }
        }
        throw new AssertionError("the sibling owns nothing");
    }

    @Test
    void theOriginIsAskedOnceForAllClientsOfAllNodes() {
        List<Answer> answers = Flux.range(0, 24)
                .flatMap(i -> (i % 2 == 0 ? first : second).get("/slow"), 24)
                .collectList()
                .block();

        assertThat(answers).hasSize(24).allSatisfy(answer -> assertThat(answer.body())
                .isEqualTo(ByteBuffer.wrap(CONTENT)));
        assertThat(fetched("/slow")).isEqualTo(1);
        assertThat(origin.heads())
                .filteredOn(head -> head.startsWith("GET /slow "))
                .allSatisfy(head -> assertThat(head)
                        .containsIgnoringCase("\r\nx-forwarded-for: 127.0.0.1\r\n")
                        .containsIgnoringCase("\r\nx-forwarded-host: " + EdgeProcess.HOST + "\r\n")
                        .doesNotContainIgnoringCase("kingcdn-peer"));
    }

    /** RFC 9211 section 2: one member for each hop, the origin's side first; RFC 9111 section 5.1: the age is taken over. */
    @Test
    void eachHopSaysWhatItDid() {
        String target = ownedByOther(first, "/hops");
        Answer again = first.fetch(target);
        assertThat(again.cacheStatus()).hasSize(3);
        assertThat(again.cacheStatus().get(2)).startsWith("nyc-1; hit");

        Answer owner = second.fetch(target);
        assertThat(members(owner)).containsExactly("shield-1", "nyc-2");
        assertThat(owner.cacheStatus().get(0)).startsWith("shield-1; fwd=uri-miss; fwd-status=200; stored");
        assertThat(owner.cacheStatus().get(1)).startsWith("nyc-2; hit");
        assertThat(owner.via()).containsExactly("1.1 shield-1", "1.1 nyc-2");

        Answer atShield = shield.fetch(target);
        assertThat(members(atShield)).containsExactly("shield-1");
        assertThat(atShield.cacheStatus().get(0)).startsWith("shield-1; hit");
        assertThat(fetched(target)).isEqualTo(1);
    }

    @Test
    void partsOfAColdTitleComeThroughTheTiers() {
        Answer part = first.fetch("/parts", "range", "bytes=300000-300099");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(ByteBuffer.wrap(CONTENT, 300_000, 100));
        assertThat(second.fetch("/parts").body()).isEqualTo(ByteBuffer.wrap(CONTENT));
    }

    /** Its port answers nobody, so its keys go on by the next best way, and it is not asked for each of them. */
    @Test
    void aKilledSiblingIsGoneAround() throws Exception {
        long silences = silences(first, "sibling");
        second.kill9();
        for (int i = 0; i < 20; i++) {
            Answer answer = first.fetch("/after-kill?" + i);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(members(answer)).containsExactly("shield-1", "nyc-1");
        }
        assertThat(silences(first, "sibling")).as("said once").isEqualTo(silences + 1);

        second = second();
        await().atMost(Duration.ofSeconds(60)).until(() -> second.serves("/ready") && seenBy(first, "nyc-2"));
    }

    /** The worst kind of dead: it accepts connections. It costs one time limit, then nobody waits for it. */
    @Test
    void aFrozenParentIsGoneAround() throws Exception {
        long silences = silences(first, "parent");
        shield.freeze();
        for (int i = 0; i < 20; i++) {
            Answer answer = first.fetch("/after-freeze?" + i);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(members(answer)).doesNotContain("shield-1").contains("nyc-1");
        }
        assertThat(silences(first, "parent")).as("said once").isEqualTo(silences + 1);
        shield.thaw();
        await().atMost(Duration.ofSeconds(30)).until(() -> members(first.fetch("/after-thaw?" + System.nanoTime()))
                .contains("shield-1"));
    }

    /** Edges read more of each other than of clients, since each adds to what it got. */
    @Test
    void theLongestHeadThatAClientMaySendGoesThroughTheTiers() {
        Answer answer = first.fetch("/long", "x-long", "a".repeat(32_560));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(members(answer)).startsWith("shield-1").endsWith("nyc-1");
        assertThat(first.fetch("/longer", "x-long", "a".repeat(32_800)).status())
                .isEqualTo(431);
    }

    @Test
    void nobodyElseIsAPeer() {
        String forged = "nyc-2; as=sibling; sequence=999; scheme=https; at=" + System.currentTimeMillis() / 1000
                + "; mac=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:";
        first.fetch("/forged");
        Answer answer = first.fetch("/forged", "kingcdn-peer", forged);
        assertThat(answer.cacheStatus().get(answer.cacheStatus().size() - 1)).startsWith("nyc-1; hit");
        assertThat(origin.heads()).allSatisfy(head -> assertThat(head).doesNotContainIgnoringCase("kingcdn-peer"));
    }

    @Test
    void aPurgeReachesAllTiers() {
        String target = ownedByOther(first, "/purged");
        second.fetch(target);
        long sequence = redirector.purge("http://" + EdgeProcess.HOST + target);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> redirector.health.stream()
                                .filter(report -> report.appliedSequence() >= sequence)
                                .map(report -> report.node())
                                .distinct()
                                .count()
                        == 3);
        first.fetch(target);
        assertThat(fetched(target)).isEqualTo(2);
        assertThat(second.fetch(target).cacheStatus().get(1)).startsWith("nyc-2; hit");
        assertThat(fetched(target)).isEqualTo(2);
    }
}
