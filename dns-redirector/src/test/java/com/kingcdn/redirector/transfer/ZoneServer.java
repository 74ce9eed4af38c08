package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.registry.SlowControlStore;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.zone.ServingInputs;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.Ttls;
import com.kingcdn.redirector.zone.ZoneContent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;

/** All of a name server that stands behind its sockets, with one zone that the owner of a key may take and change. */
final class ZoneServer implements AutoCloseable {

    static final Name ORIGIN = Name.fromConstantString("z.example.");

    private static final String SECRET = "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz";
    static final TSIG KEY = new TSIG(
            TSIG.HMAC_SHA256, Name.fromConstantString("k."), Base64.getDecoder().decode(SECRET));

    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353);
    private static final String ZONE =
            """
            $TTL 300
            @ SOA ns1 host 7 7200 900 1209600 60
            @ NS ns1
            ns1 A 192.0.2.1
            www A 192.0.2.2
            *.w TXT "any"
            sub NS ns.sub
            ns.sub A 192.0.2.3
            moved DNAME www
            """;
    private static final String YAML =
            """
            keys: [{name: k, file: %s}]
            zones: [{name: z.example, file: zone, cdn: true, transfer: [{key: k}], update: [{key: k}]}]
            distributions: [{id: a1105, hosts: [video.example], origins: [{url: "http://127.0.0.1:8600"}]}]
            clusters: [{id: fra, place: {latitude: 50.1, longitude: 8.7}, health: assumed, nodes: [{id: fra-1, ipv4: 127.0.2.1, ipv6: "2001:db8::1"}]}]
            """;
    private static final String CONFIGURATION = YAML.formatted(keyFile());

    private final SlowControlStore store = new SlowControlStore();
    private final Registries registries = new Registries(store, Clock.systemUTC());
    private final LiveZones zones;
    private final QueryHandler queries;
    private final ZoneRequestHandler requests;
    private final byte[] out = new byte[65_535];
    private final ZoneContent begun;
    private volatile ServingSnapshot snapshot;

    ZoneServer() {
        store.open(registries);
        registries
                .config()
                .replaceFile(
                        new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), CONFIGURATION, file -> ZONE));
        zones = new LiveZones(registries.zones(), new ZoneParser());
        snapshot = compile();
        begun = content();
        queries = new QueryHandler(() -> snapshot, QueryLog.NONE);
        requests = new ZoneRequestHandler(
                zones,
                registries.config()::current,
                (query, client, datagram) -> queries.answer(query, client, datagram ? Transport.UDP : Transport.TCP),
                () -> {
                    snapshot = compile();
                    return CompletableFuture.completedFuture(null);
                },
                new CopySettings(null, CopySettings.defaultMemory()),
                Clock.systemUTC());
    }

    private static Path keyFile() {
        try {
            Path file = Files.createTempFile("k", ".key");
            file.toFile().deleteOnExit();
            return Files.writeString(file, SECRET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServingSnapshot compile() {
        Configuration config = registries.config().require();
        return ServingSnapshot.compile(new ServingInputs(
                zones.take(config).zones(),
                config.distributions(),
                config.clusters(),
                Ttls.DEFAULT,
                PlaceSource.NONE,
                PathSource.NONE,
                Set.of()));
    }

    /** Where updates are kept. */
    SlowControlStore store() {
        return store;
    }

    /** Whether an update has been done. */
    boolean isChanged() {
        return content().serial() != begun.serial();
    }

    private ZoneContent content() {
        return Objects.requireNonNull(zones.find(ORIGIN)).content();
    }

    /** All messages of the answer, however the message is answered. */
    List<byte[]> ask(byte[] message, Transport transport) throws InterruptedException {
        boolean datagram = transport == Transport.UDP;
        byte[] room = datagram ? Arrays.copyOf(out, 1_232) : out;
        int length = queries.answer(message, message.length, CLIENT, transport, room);
        if (length != QueryHandler.ZONE_REQUEST) {
            assertThat(length).isLessThanOrEqualTo(room.length);
            return length == 0 ? List.of() : List.of(Arrays.copyOf(room, length));
        }
        BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
        requests.handle(message, CLIENT, new ZoneRequests.Answer() {

            @Override
            public boolean isDatagram() {
                return datagram;
            }

            @Override
            public boolean send(byte[] answer) {
                return answers.add(answer);
            }
        });
        List<byte[]> all = new ArrayList<>();
        if (answers.isEmpty() && isTransfer(message)) {
            // on a thread of its own; of this zone it is one message
            byte @Nullable [] first = answers.poll(10, TimeUnit.SECONDS);
            assertThat(first).as("an answer within bounded time").isNotNull();
            all.add(first);
        }
        answers.drainTo(all);
        return all;
    }

    private static boolean isTransfer(byte[] message) {
        try {
            @Nullable Record question = new Message(message).getQuestion();
            return question != null && (question.getType() == Type.AXFR || question.getType() == Type.IXFR);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        requests.close();
    }
}
