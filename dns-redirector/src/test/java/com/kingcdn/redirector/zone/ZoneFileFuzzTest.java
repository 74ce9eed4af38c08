package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.kingcdn.redirector.query.AnswerJudge;
import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** Zone files as anybody could write them: refused with the file's name, or taken, and then all that is in them can be asked for. */
class ZoneFileFuzzTest {

    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353);
    private static final Name ORIGIN = Name.fromConstantString("z.example.");
    private static final AnswerJudge JUDGE = new AnswerJudge(List.of(ORIGIN));

    /** As many names as are taken, and no more: {@code $GENERATE 1-5000000} is bounded, but not in a second. */
    private static final Pattern MANY = Pattern.compile("\\d{3}\\s*-|-\\s*\\d{3}");

    private static final String HEAD = "$TTL 300\n@ SOA ns1 host 7 7200 900 1209600 60\n@ NS ns1\nns1 A 192.0.2.1\n";

    @MethodSource("seeds")
    @DictionaryEntries({
        "$TTL",
        "$ORIGIN",
        "$GENERATE",
        "$INCLUDE",
        " IN ",
        " SVCB ",
        " HTTPS ",
        " DNAME ",
        " TYPE65280 \\# 1 00"
    })
    @DictionaryEntries({
        " CNAME ",
        " LOC ",
        " NAPTR ",
        " CAA ",
        " DS ",
        " APL ",
        " SRV ",
        "alpn=h2",
        "ipv4hint=",
        "\\000",
        "${0,3,d}"
    })
    @FuzzTest(maxDuration = "90s")
    void isTakenOrRefused(byte[] data) throws Exception {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        if (MANY.matcher(text).find()) {
            return;
        }
        ZoneContent content;
        try {
            content = ZoneFile.parse("z.example", text, Path.of("z.zone"));
        } catch (ZoneFileException e) {
            assertThat(e).hasMessageContaining("z.zone");
            return;
        }
        ServingSnapshot snapshot = ServingSnapshot.compile(new ServingInputs(
                List.of(new ServedZone(content, ServedZone.Kind.PRIMARY)),
                List.of(),
                List.of(),
                Ttls.DEFAULT,
                PlaceSource.NONE,
                PathSource.NONE,
                Set.of()));
        QueryHandler handler = new QueryHandler(() -> snapshot, QueryLog.NONE);
        for (Record record : content.sorted()) {
            ask(handler, record.getName(), record.getType());
            ask(handler, record.getName(), Type.AAAA);
        }
    }

    private static void ask(QueryHandler handler, Name name, int type) {
        byte[] query = Message.newQuery(Record.newRecord(name, type, DClass.IN)).toWire();
        for (Transport transport : List.of(Transport.UDP, Transport.TCP)) {
            byte[] answer = Objects.requireNonNull(handler.answer(query, CLIENT, transport));
            JUDGE.judge(query, answer, transport == Transport.UDP);
        }
    }

    static Stream<byte[]> seeds() {
        return Stream.of(
                        "",
                        "w A 192.0.2.2\n  AAAA 2001:db8::1\n  MX 10 w\n  TXT \"a\" b\\\"c\n",
                        "$GENERATE 1-3 h$ A 192.0.2.$\n$GENERATE 2-9/2 ${0,3,d} PTR h${-1,2,x}\n",
                        "$ORIGIN sub\nx CNAME @\n$ORIGIN z.example.\n*.x TXT t ; comment\n",
                        "d DNAME w\nc NS ns.c\nns.c A 192.0.2.3\nc DS 1 13 2 ( 00112233445566778899AABBCCDDEEFF\n 00112233445566778899AABBCCDDEEFF )\n",
                        "s HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1 key65000=\"x\"\ns SVCB 0 w\n",
                        "l LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m\nn NAPTR 1 2 \"u\" \"sip\" \"!^.*$!x!\" .\n",
                        "u TYPE65280 \\# 4 0A000001\nv CAA 0 issue \"ca\"\n_s._tcp SRV 0 0 53 w\n1 IN 1H PTR w\n",
                        "a APL 1:192.0.2.0/24 !2:2001:db8::/32\nh HINFO a b\nr RP w w\nt TLSA 3 1 1 00\nq SSHFP 1 1 00\n")
                .map(lines -> (HEAD + lines).getBytes(StandardCharsets.ISO_8859_1));
    }
}
