package com.kingcdn.redirector.query;

import static com.kingcdn.redirector.query.Asking.CLIENT;
import static com.kingcdn.redirector.query.Asking.ask;
import static com.kingcdn.redirector.query.Asking.data;
import static com.kingcdn.redirector.query.Asking.flags;
import static com.kingcdn.redirector.query.Asking.plainQuery;
import static com.kingcdn.redirector.query.Asking.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.GenericEDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Options of EDNS that are answered, and what clients get who may not have an answer. */
class QueryPolicyTest {

    private static final EDNSOption CLIENT_COOKIE = option(10, "2464c4abcf10c957");
    private static final int BADCOOKIE = 23;

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final TcpKeepalive keepalive = new TcpKeepalive(Duration.ofSeconds(12));
    private QueryHandler handler = handler(RateLimitSettings.NONE);
    private long now;

    // ---- who it is

    @ParameterizedTest
    @ValueSource(strings = {"id.server.", "ID.Server.", "hostname.bind."})
    void saysWhoItIsInTheClassChaos_rfc4892(String name) throws IOException {
        assertThat(chaos(handler, name, Type.TXT).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(data(chaos(handler, name, Type.TXT))).containsExactly("ns1.test");
        assertThat(data(chaos(handler, name, Type.ANY))).containsExactly("ns1.test");
        assertThat(chaos(handler, name, Type.A).getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(chaos(new QueryHandler(() -> snapshot, QueryLog.NONE), name, Type.TXT)
                        .getRcode())
                .as("without an identifier")
                .isEqualTo(Rcode.REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"version.bind.", "version.server.", "authors.bind.", "a.id.server."})
    void tellsNobodyMore(String name) throws IOException {
        assertThat(chaos(handler, name, Type.TXT).getRcode()).isEqualTo(Rcode.REFUSED);
    }

    private static Message chaos(QueryHandler handler, String name, int type) throws IOException {
        Message query = Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.CHAOS));
        Message answer = ask(handler, query.toWire(), CLIENT, Transport.UDP);
        assertThat(answer.getQuestion()).isEqualTo(query.getQuestion());
        return answer;
    }

    // ---- cookies

    @Test
    void answersAClientCookieWithAServerCookie_rfc7873_5_2_3() throws IOException {
        Message first = ask(handler, query("static.kingcdn.example.", Type.A, CLIENT_COOKIE), CLIENT, Transport.UDP);
        assertThat(data(first)).containsExactly("192.0.2.9");
        byte[] cookie = content(first, 10);
        assertThat(HexFormat.of().formatHex(cookie)).hasSize(48).startsWith("2464c4abcf10c95701000000");

        Message second = ask(
                handler,
                query("static.kingcdn.example.", Type.A, new GenericEDNSOption(10, cookie)),
                CLIENT,
                Transport.UDP);
        assertThat(content(second, 10)).as("a young one is kept").isEqualTo(cookie);
    }

    @Test
    void answersACookieAlone_rfc7873_5_4() throws IOException {
        Message answer = askWithoutQuestion(CLIENT_COOKIE);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getHeader().getCount(Section.QUESTION)).isZero();
        assertThat(content(answer, 10)).hasSize(24);
        Message again = askWithoutQuestion(new GenericEDNSOption(10, content(answer, 10)));
        assertThat(again.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(content(again, 10)).isEqualTo(content(answer, 10));
    }

    @Test
    void tellsWhoAsksThatACookieIsNotGoodAnyMore_rfc7873_5_4() throws IOException {
        Message answer = askWithoutQuestion(option(10, "2464c4abcf10c957010000000000000000aabbccddeeff00"));
        assertThat(answer.getRcode()).isEqualTo(BADCOOKIE);
        assertThat(askWithoutQuestion(new GenericEDNSOption(10, content(answer, 10)))
                        .getRcode())
                .as("with the one that came instead")
                .isEqualTo(Rcode.NOERROR);
    }

    private Message askWithoutQuestion(EDNSOption cookie) throws IOException {
        Message query = new Message(4711);
        query.addRecord(new OPTRecord(1232, 0, 0, 0, List.of(cookie)), Section.ADDITIONAL);
        return ask(handler, query.toWire(), CLIENT, Transport.UDP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "00112233445566", "001122334455667788", "00112233445566778899aabbccddee"})
    void refusesACookieOfNoLength_rfc7873_5_2_2(String cookie) throws IOException {
        Message answer =
                ask(handler, query("static.kingcdn.example.", Type.A, option(10, cookie)), CLIENT, Transport.UDP);
        assertThat(answer.getRcode()).isEqualTo(Rcode.FORMERR);
    }

    @Test
    void sendsNoCookieWithBadVersion_rfc6891_6_1_3() throws IOException {
        Message query = plainQuery("static.kingcdn.example.", Type.A);
        query.addRecord(new OPTRecord(1232, 0, 1, 0x8000, List.of(CLIENT_COOKIE)), Section.ADDITIONAL);
        Message answer = ask(handler, query.toWire(), CLIENT, Transport.UDP);
        assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
        assertThat(answer.getOPT().getOptions()).isEmpty();
    }

    // ---- the other options

    @Test
    void saysWhoItIsWhenAsked_rfc5001_2_1() throws IOException {
        Message answer = ask(handler, query("static.kingcdn.example.", Type.A, option(3, "")), CLIENT, Transport.UDP);
        assertThat(new String(content(answer, 3), StandardCharsets.UTF_8)).isEqualTo("ns1.test");
        assertThat(ask(handler, query("static.kingcdn.example.", Type.A), CLIENT, Transport.UDP)
                        .getOPT()
                        .getOptions())
                .isEmpty();
    }

    @Test
    void refusesALongIdentifier() {
        assertThatThrownBy(() ->
                        new QueryPolicy(CookieSecrets.random(0), "x".repeat(33), keepalive, RateLimitSettings.NONE))
                .hasMessageContaining("longer than 32 bytes");
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void tellsHowLongAConnectionMayBeIdle_rfc7828_3_3_2(Transport transport) throws IOException {
        byte[] query = query("static.kingcdn.example.", Type.A, option(11, ""));
        boolean connected = transport == Transport.TCP || transport == Transport.TLS;
        Message answer = ask(handler, query, CLIENT, transport);
        assertThat(answer.getOPT().getOptions(11)).hasSize(connected ? 1 : 0);
        if (connected) {
            assertThat(content(answer, 11)).containsExactly(0, 120);
            keepalive.set(Duration.ofMillis(1500));
            assertThat(content(ask(handler, query, CLIENT, transport), 11)).containsExactly(0, 15);
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void padsWhatIsEncryptedToBlocks_rfc8467_4_1(Transport transport) {
        boolean encrypted = transport == Transport.TLS || transport == Transport.HTTPS;
        for (String name : List.of("static.kingcdn.example.", "big.kingcdn.example.", "nothing.kingcdn.example.")) {
            for (int type : new int[] {Type.A, Type.TXT, Type.ANY}) {
                byte[] padded = query(name, type, CLIENT_COOKIE, option(3, ""), option(12, "0000"));
                int length = Objects.requireNonNull(handler.answer(padded, CLIENT, transport)).length;
                assertThat(length % 468 == 0).as("%s %s", name, length).isEqualTo(encrypted);
                byte[] plain = query(name, type);
                assertThat(Objects.requireNonNull(handler.answer(plain, CLIENT, transport)).length % 468)
                        .as("not asked for")
                        .isPositive();
            }
        }
    }

    @Test
    void answersAllOptionsAtOnceWithinTheLimit() throws IOException {
        byte[] query = query(
                "big.kingcdn.example.",
                Type.TXT,
                CLIENT_COOKIE,
                option(3, ""),
                option(11, ""),
                option(12, ""),
                option(65001, "0102"));
        byte[] udp = Objects.requireNonNull(handler.answer(query, CLIENT, Transport.UDP));
        assertThat(flags(new Message(udp))).contains("tc");
        assertThat(udp.length).isLessThan(200);
        Message tls = ask(handler, query, CLIENT, Transport.TLS);
        assertThat(tls.getOPT().getOptions()).extracting(EDNSOption::getCode).containsExactly(10, 3, 11, 12);
        assertThat(tls.getSection(Section.ANSWER)).hasSize(1);
    }

    // ---- limits

    @Test
    void sendsAClientAboveItsRateToTcp() throws IOException {
        handler = handler(new RateLimitSettings(1, 2, 1, 0, 0, List.of()));
        byte[] query = plainQuery("static.kingcdn.example.", Type.A).toWire();
        assertThat(data(ask(handler, query, CLIENT, Transport.UDP))).hasSize(1);
        assertThat(data(ask(handler, query, CLIENT, Transport.UDP))).hasSize(1);
        byte[] third = Objects.requireNonNull(handler.answer(query, CLIENT, Transport.UDP));
        assertThat(third).hasSameSizeAs(query);
        assertThat(flags(new Message(third))).isEqualTo("qr tc rd");
        for (Transport other : List.of(Transport.TCP, Transport.TLS, Transport.HTTPS)) {
            assertThat(data(ask(handler, query, CLIENT, other))).hasSize(1);
        }
    }

    @Test
    void givesAClientAboveItsRateACookieThatLetsItIn_rfc7873_5_2_3() throws IOException {
        handler = handler(new RateLimitSettings(1, 1, 1, 2.5, 0, List.of()));
        byte[] query = query("static.kingcdn.example.", Type.A, CLIENT_COOKIE);
        assertThat(data(ask(handler, query, CLIENT, Transport.UDP))).hasSize(1);
        Message refused = ask(handler, query, CLIENT, Transport.UDP);
        assertThat(refused.getRcode()).isEqualTo(BADCOOKIE);
        assertThat(refused.getSection(Section.ANSWER)).isEmpty();
        byte[] again = query("static.kingcdn.example.", Type.A, new GenericEDNSOption(10, content(refused, 10)));
        for (int i = 0; i < 100; i++) {
            assertThat(data(ask(handler, again, CLIENT, Transport.UDP))).containsExactly("192.0.2.9");
        }
    }

    @Test
    void dropsWhatDoesNotSlip() {
        handler = handler(new RateLimitSettings(1, 1, 0, 0, 0, List.of()));
        byte[] query = query("static.kingcdn.example.", Type.A);
        assertThat(handler.answer(query, CLIENT, Transport.UDP)).isNotNull();
        assertThat(handler.answer(query, CLIENT, Transport.UDP)).isNull();
        assertThat(handler.answer(query, CLIENT, Transport.TCP)).isNotNull();
    }

    /** Responses that others reflect and other noise fill the sockets' queues, too. */
    @Test
    void countsWhatIsNoQueryAmongFloods() {
        handler = handler(new RateLimitSettings(10, 10, 1, 0, 0, List.of()));
        byte[] response = query("static.kingcdn.example.", Type.A);
        response[2] |= (byte) 0x80;
        handler.floods().look(0);
        assertThat(floodOf(response, Transport.TCP)).isEmpty();
        assertThat(floodOf(response, Transport.UDP))
                .extracting(FilteredPrefix::prefix)
                .containsExactly(IpPrefix.of(CLIENT.getAddress().getAddress(), 32));
    }

    /** What is to be filtered after two looks between which a client sent a lot. */
    private List<FilteredPrefix> floodOf(byte[] message, Transport transport) {
        List<FilteredPrefix> filtered = List.of();
        for (int look = 0; look < 2; look++) {
            for (int i = 0; i < 1_000; i++) {
                assertThat(handler.answer(message, CLIENT, transport)).isNull();
            }
            now += 25_000_000;
            filtered = handler.floods().look(now);
        }
        return filtered;
    }

    /** No answer over UDP to who may be somebody else is longer than two and a half queries. */
    @Test
    void neverAmplifiesWithoutACookie() throws IOException {
        handler = handler(new RateLimitSettings(0, 1, 1, 2.5, 0, List.of()));
        for (String name : List.of(
                ".",
                "a1105.kingcdn.example.",
                "video.netcinema.example.",
                "big.kingcdn.example.",
                "www.child.kingcdn.example.",
                "nothing.kingcdn.example.",
                "kingcdn.example.",
                "www.elsewhere.example.")) {
            for (int type : new int[] {Type.A, Type.AAAA, Type.TXT, Type.ANY, Type.NS, Type.SOA, Type.AXFR, 65280}) {
                for (byte[] query : List.of(
                        plainQuery(name, type).toWire(),
                        query(name, type),
                        query(name, type, option(3, "")),
                        query(name, type, CLIENT_COOKIE, option(3, ""), option(11, ""), option(12, "")))) {
                    byte[] answer = Objects.requireNonNull(handler.answer(query, CLIENT, Transport.UDP));
                    assertThat(answer.length / (double) query.length)
                            .as("%s %s", name, Type.string(type))
                            .isLessThanOrEqualTo(2.5);
                }
            }
        }
        Message cookie = ask(handler, query("a.example.", Type.A, CLIENT_COOKIE), CLIENT, Transport.UDP);
        byte[] query = query("video.netcinema.example.", Type.A, new GenericEDNSOption(10, content(cookie, 10)));
        assertThat(data(ask(handler, query, CLIENT, Transport.UDP))).hasSize(5);
    }

    /** What is cut down to TC is no longer than its query: it must not use up what others of the network need. */
    @Test
    void doesNotChargeForWhatDoesNotFit() throws IOException {
        handler = handler(new RateLimitSettings(0, 1, 1, 1.5, 1000, List.of()));
        for (int i = 0; i < 100; i++) {
            Message cut = ask(handler, query("big.kingcdn.example.", Type.TXT), CLIENT, Transport.UDP);
            assertThat(flags(cut)).isEqualTo("qr aa tc rd");
        }
        Message whole = ask(handler, query("video.netcinema.example.", Type.A), CLIENT, Transport.UDP);
        assertThat(data(whole)).hasSize(5);
    }

    private QueryHandler handler(RateLimitSettings limits) {
        return new QueryHandler(
                () -> snapshot,
                QueryLog.NONE,
                new QueryPolicy(CookieSecrets.random(0), "ns1.test", keepalive, limits),
                source -> {});
    }

    private static EDNSOption option(int code, String hex) {
        return new GenericEDNSOption(code, HexFormat.of().parseHex(hex));
    }

    private static byte[] content(Message answer, int code) {
        byte[] wire = answer.getOPT().getOptions(code).get(0).toWire();
        return java.util.Arrays.copyOfRange(wire, 4, wire.length);
    }
}
