package com.kingcdn.redirector.query;

import com.kingcdn.redirector.dnssec.DnssecSettings;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ServingInputs;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.redirector.zone.Ttls;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedFlags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What one answer costs without the socket: 1,000 names, 20 clusters, 100,000 networks, 10,000 different client subnets. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class QueryBenchmark {

    private static final int SUBNETS = 10_000;
    private static final int NAMES = 1_000;

    /**
     * What is asked: a name with a client subnet, one without, a static name, a name that does not exist; with {@code +do} signed answers
     * are asked for.
     */
    @Param({
        "h%04d.kingcdn.example.+ecs",
        "h%04d.kingcdn.example.",
        "static.kingcdn.example.",
        "nx%d.kingcdn.example.",
        "h%04d.kingcdn.example.+ecs+do",
        "h%04d.kingcdn.example.+do",
        "static.kingcdn.example.+do",
        "nx%d.kingcdn.example.+do"
    })
    private String question = "";

    private final InetSocketAddress client = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353);
    private final byte[] out = new byte[ResponseSize.UDP_PAYLOAD];
    private final List<byte[]> queries = new ArrayList<>();
    private QueryHandler handler = new QueryHandler(SnapshotFixture::snapshot, QueryLog.NONE);
    private int next;

    public static void main(String[] args) throws RunnerException {
        new Runner(new OptionsBuilder().include(QueryBenchmark.class.getName()).build()).run();
    }

    @Setup
    public void setUp() throws IOException {
        Random random = new Random(1);
        boolean signed = question.endsWith("+do");
        question = question.replace("+do", "");
        ServingSnapshot snapshot = signed ? signed(snapshot(random)) : snapshot(random);
        handler = new QueryHandler(() -> snapshot, QueryLog.NONE);
        boolean ecs = question.endsWith("+ecs");
        for (int i = 0; i < SUBNETS; i++) {
            Name name = Name.fromString(String.format(question.replace("+ecs", ""), i % NAMES));
            Message message = new Message(i);
            message.addRecord(Record.newRecord(name, Type.A, DClass.IN), Section.QUESTION);
            if (ecs) {
                byte[] address = new byte[4];
                random.nextBytes(address);
                address[3] = 0;
                message.addRecord(
                        new OPTRecord(
                                1232,
                                0,
                                0,
                                signed ? ExtendedFlags.DO : 0,
                                new ClientSubnetOption(24, InetAddress.getByAddress(address))),
                        Section.ADDITIONAL);
            } else if (signed) {
                message.addRecord(new OPTRecord(1232, 0, 0, ExtendedFlags.DO), Section.ADDITIONAL);
            }
            queries.add(message.toWire());
        }
    }

    private static ServingSnapshot signed(ServingSnapshot snapshot) throws IOException {
        try (ZoneKeys keys =
                new ZoneKeys(DnssecSettings.DEFAULT, Files.createTempDirectory("keys"), Clock.systemUTC())) {
            ServingSnapshot signed = snapshot.signedBy(Map.of("kingcdn.example", keys.signer("kingcdn.example")));
            signed.signAhead(Integer.MAX_VALUE, () -> false);
            return signed;
        }
    }

    private static ServingSnapshot snapshot(Random random) {
        List<Cluster> clusters = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clusters.add(new Cluster(
                    "c" + i,
                    place(random),
                    null,
                    null,
                    List.of(IpPrefix.parse("127.1." + i + ".0/24")),
                    HealthMode.ASSUMED,
                    false,
                    List.of(
                            new EdgeNode("c" + i + "-1", "198.51.100." + (i + 1), null, 0, 0),
                            new EdgeNode("c" + i + "-2", "198.51.100." + (i + 101), null, 0, 0))));
        }
        List<Distribution> distributions = new ArrayList<>();
        for (int i = 0; i < NAMES; i++) {
            distributions.add(SnapshotFixture.distribution(String.format("h%04d", i)));
        }
        return ServingSnapshot.compile(new ServingInputs(
                List.of(new ServedZone(
                        SnapshotFixture.zone("kingcdn.example", SnapshotFixture.CDN_ZONE), ServedZone.Kind.CDN)),
                distributions,
                clusters,
                Ttls.DEFAULT,
                places(),
                PathSource.NONE,
                Set.of()));
    }

    private static GeoPoint place(Random random) {
        return new GeoPoint(random.nextDouble() * 140 - 70, random.nextDouble() * 360 - 180);
    }

    private static PlaceSource places() {
        return new PlaceSource() {
            @Override
            public void forEach(BiConsumer<IpPrefix, GeoPoint> consumer) {
                Random random = new Random(2);
                for (int i = 0; i < 100_000; i++) {
                    byte[] address = new byte[4];
                    random.nextBytes(address);
                    consumer.accept(IpPrefix.of(address, 12 + random.nextInt(13)), place(random));
                }
            }

            @Override
            public @Nullable GeoPoint find(byte[] address) {
                return null;
            }
        };
    }

    @Benchmark
    public int answer() {
        byte[] query = queries.get(next++ % SUBNETS);
        return handler.answer(query, query.length, client, Transport.UDP, out);
    }
}
