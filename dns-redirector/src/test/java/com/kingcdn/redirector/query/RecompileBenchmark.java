package com.kingcdn.redirector.query;

import com.kingcdn.redirector.routing.FixedPlaces;
import com.kingcdn.redirector.zone.ServingInputs;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** CPU of two seconds' answers at 20,000 a second, 10,000 names, right after another map and then; and of names of 118 and 120 labels. */
public final class RecompileBenchmark {

    private static final int NAMES = 10_000;
    private static final int QUERIES = 40_000;
    private static final int ROUNDS = 12;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final AtomicReference<ServingSnapshot> snapshot = new AtomicReference<>(ServingSnapshot.compile(inputs()));
    private final QueryHandler handler = new QueryHandler(snapshot::get, QueryLog.NONE);
    private final InetSocketAddress[] clients;
    private final byte[] out = new byte[ResponseSize.MOST];
    private final Random random = new Random(1);

    private RecompileBenchmark() throws IOException {
        clients = new InetSocketAddress[] {client(8, 8, 8, 8), client(193, 0, 0, 1), client(203, 0, 113, 9)};
    }

    public static void main(String[] args) throws IOException {
        RecompileBenchmark benchmark = new RecompileBenchmark();
        benchmark.recompiles();
        // of a wildcard, and one that does not exist
        benchmark.longName("b.".repeat(113) + "b.wild.kingcdn.example.");
        benchmark.longName("b.".repeat(116) + "b.kingcdn.example.");
    }

    private static InetSocketAddress client(int... octets) throws IOException {
        byte[] address = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            address[i] = (byte) octets[i];
        }
        return new InetSocketAddress(InetAddress.getByAddress(address), 5353);
    }

    private static ServingInputs inputs() {
        ServingInputs fixture = SnapshotFixture.inputs(HealthMode.ASSUMED, Set.of());
        List<Distribution> distributions = IntStream.range(0, NAMES)
                .mapToObj(number -> SnapshotFixture.distribution("h" + number))
                .toList();
        return new ServingInputs(
                fixture.zones(),
                distributions,
                fixture.clusters(),
                fixture.ttls(),
                new FixedPlaces()
                        .with("8.8.8.0/24", new GeoPoint(37.4, -122.1))
                        .with("193.0.0.0/21", new GeoPoint(52.4, 4.9))
                        .with("203.0.113.0/24", new GeoPoint(1.3, 103.8)),
                fixture.paths(),
                Set.of());
    }

    private static byte[] query(String name) throws IOException {
        return Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN))
                .toWire();
    }

    /** The same zones in each round, as while measurements come in. */
    private void recompiles() throws IOException {
        List<byte[]> queries = new ArrayList<>();
        for (int i = 0; i < NAMES; i++) {
            queries.add(query("h" + i + ".kingcdn.example."));
        }
        ServingInputs first = inputs();
        for (int round = 0; round < ROUNDS; round++) {
            snapshot.set(Objects.requireNonNull(snapshot.get())
                    .recompile(new ServingInputs(
                            first.zones(),
                            first.distributions(),
                            first.clusters(),
                            first.ttls(),
                            inputs().places(),
                            first.paths(),
                            Set.of()))
                    .signedBy(Map.of()));
            long[] times = new long[QUERIES];
            long right = ask(queries, times);
            Arrays.sort(times);
            System.out.printf(
                    "after another map %d ms, p50 %d ns, p99 %d ns; then %d ms%n",
                    right / 1_000_000, times[QUERIES / 2], times[QUERIES * 99 / 100], ask(queries, times) / 1_000_000);
        }
    }

    private long ask(List<byte[]> queries, long[] times) {
        long before = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < times.length; i++) {
            byte[] query = queries.get(random.nextInt(queries.size()));
            InetSocketAddress client = clients[random.nextInt(clients.length)];
            long begin = System.nanoTime();
            handler.answer(query, query.length, client, Transport.TCP, out);
            times[i] = System.nanoTime() - begin;
        }
        return THREADS.getCurrentThreadCpuTime() - before;
    }

    private void longName(String name) throws IOException {
        byte[] query = query(name);
        for (int round = 0; round < ROUNDS / 2; round++) {
            long before = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < QUERIES / 2; i++) {
                handler.answer(query, query.length, clients[0], Transport.TCP, out);
            }
            System.out.printf(
                    "...%s %d ns%n", name.substring(220), (THREADS.getCurrentThreadCpuTime() - before) / (QUERIES / 2));
        }
    }
}
