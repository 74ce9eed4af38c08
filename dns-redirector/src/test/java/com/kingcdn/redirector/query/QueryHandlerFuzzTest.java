package com.kingcdn.redirector.query;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.kingcdn.redirector.dnssec.KeyScheme;
import com.kingcdn.redirector.dnssec.OpenedKeys;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Messages that nobody would send: a hundred thousand, the same ones each time, and as many more as Jazzer is given time for. */
class QueryHandlerFuzzTest {

    private static final int MESSAGES = 100_000;
    private static final List<Transport> TRANSPORTS =
            List.of(Transport.UDP, Transport.TCP, Transport.TLS, Transport.HTTPS);
    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353);

    private static final AnswerJudge JUDGE = new AnswerJudge(
            List.of(Name.fromConstantString("kingcdn.example."), Name.fromConstantString("netcinema.example.")));

    @TempDir
    static Path state;

    private static QueryHandler handler;
    private static QueryHandler signing;
    private static ZoneKeys keys;

    private final byte[] udp = new byte[ResponseSize.UDP_PAYLOAD];
    private final byte[] tcp = new byte[ResponseSize.MOST];

    @BeforeAll
    static void serve() {
        ServingSnapshot snapshot = SnapshotFixture.snapshot();
        // few signatures for names that are not there: above the budget other answers are given, which are to be seen
        // too
        keys = OpenedKeys.of(KeyScheme.KSK_ZSK, 10_000, 200, state, Clock.systemUTC());
        ServingSnapshot signed = snapshot.signedBy(Map.of(
                "kingcdn.example",
                keys.signer("kingcdn.example"),
                "netcinema.example",
                keys.signer("netcinema.example")));
        handler = handler(snapshot);
        signing = handler(signed);
    }

    private static QueryHandler handler(ServingSnapshot snapshot) {
        QueryPolicy policy = new QueryPolicy(
                CookieSecrets.random(0), "ns1.test", new TcpKeepalive(Duration.ofSeconds(10)), RateLimitSettings.NONE);
        return new QueryHandler(() -> snapshot, QueryLog.NONE, policy, source -> {});
    }

    @AfterAll
    static void close() {
        keys.close();
    }

    @Test
    void neverFailsAndNeverExceedsTheLimit() throws IOException {
        Random random = new Random(20260101);
        List<byte[]> seeds = seeds();
        double failures = failures();
        for (int i = 0; i < MESSAGES; i++) {
            byte[] message = i % 4 == 0 ? noise(random) : mutate(seeds.get(random.nextInt(seeds.size())), random);
            check(message, handler.answer(message, message.length, CLIENT, Transport.UDP, udp), udp);
            if (i % 8 == 0) {
                check(message, handler.answer(message, message.length, CLIENT, Transport.TCP, tcp), tcp);
            }
        }
        assertThat(failures()).as("answers SERVFAIL after a defect").isEqualTo(failures);
    }

    /** The whole way from bytes to bytes; the first byte says by which transport, and whether the zones are signed. */
    @FuzzTest(maxDuration = "90s")
    void answersAnyBytesWithinTheLimit(byte[] data) {
        if (data.length == 0) {
            return;
        }
        byte[] message = Arrays.copyOfRange(data, 1, data.length);
        Transport transport = TRANSPORTS.get(data[0] & 3);
        byte[] out = transport == Transport.UDP ? udp : tcp;
        QueryHandler asked = (data[0] & 4) == 0 ? handler : signing;
        check(message, asked.answer(message, message.length, CLIENT, transport, out), out);
    }

    private static void check(byte[] message, int length, byte[] answer) {
        if (length == QueryHandler.ZONE_REQUEST) {
            return;
        }
        assertThat(length).isLessThanOrEqualTo(answer.length);
        if (length == 0) {
            assertThat(message.length < 12 || message[2] < 0)
                    .as("only what is no query is dropped: %s", HexFormat.of().formatHex(message))
                    .isTrue();
            return;
        }
        JUDGE.judge(message, Arrays.copyOf(answer, length), answer.length == ResponseSize.UDP_PAYLOAD);
    }

    private static double failures() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_failures_total");
    }

    private static List<byte[]> seeds() throws IOException {
        List<byte[]> result = new ArrayList<>();
        for (String name : List.of(
                "a1105.kingcdn.example.",
                "video.netcinema.example.",
                "any.wild.kingcdn.example.",
                "big.kingcdn.example.",
                "www.child.kingcdn.example.",
                "nothing.kingcdn.example.",
                "alias.kingcdn.example.",
                "www.elsewhere.example.")) {
            for (int type : new int[] {Type.A, Type.AAAA, Type.TXT, Type.ANY, Type.DS, Type.AXFR}) {
                Message message = Message.newQuery(Record.newRecord(Name.fromConstantString(name), type, DClass.IN));
                message.addRecord(
                        new OPTRecord(
                                1232,
                                0,
                                0,
                                0,
                                List.of(
                                        new ClientSubnetOption(24, InetAddress.getByAddress(new byte[] {8, 8, 8, 0})),
                                        new GenericEDNSOption(10, new byte[24]),
                                        new GenericEDNSOption(3, new byte[0]),
                                        new GenericEDNSOption(11, new byte[0]),
                                        new GenericEDNSOption(12, new byte[20]))),
                        Section.ADDITIONAL);
                result.add(message.toWire());
            }
        }
        return result;
    }

    private static byte[] noise(Random random) {
        byte[] message = new byte[random.nextInt(600)];
        random.nextBytes(message);
        return message;
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] message = seed.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            switch (random.nextInt(4)) {
                case 0 -> message[random.nextInt(message.length)] = (byte) random.nextInt();
                case 1 -> message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
                case 2 -> message = Arrays.copyOf(message, Math.max(1, random.nextInt(message.length + 20)));
                default -> {
                    int from = random.nextInt(message.length);
                    int to = random.nextInt(message.length);
                    System.arraycopy(seed, 0, message, to, Math.min(message.length - to, Math.min(seed.length, from)));
                }
            }
        }
        return message;
    }
}
