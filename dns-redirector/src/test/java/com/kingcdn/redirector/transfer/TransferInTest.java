package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.transfer.ScriptedPrimary.Script;
import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneDelta;
import com.kingcdn.redirector.zone.ZoneFile;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;

/** Transfers from primaries that are right, wrong, slow or not who they say they are. */
@Timeout(30)
final class TransferInTest {

    private static final Name ORIGIN = Name.fromConstantString("customer.example.");
    private static final TSIG KEY =
            new TSIG(TSIG.HMAC_SHA256, Name.fromConstantString("xfr."), "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz");
    private static final TransferLimits LIMITS = TransferLimits.DEFAULT;

    private static ZoneContent zone(int serial, String... lines) {
        return ZoneFile.parse(
                "customer.example",
                "$TTL 60\n@ SOA ns1 host " + serial + " 7200 900 1209600 60\n@ NS ns1\nns1 A 192.0.2.1\n"
                        + String.join("\n", lines) + "\n",
                Path.of("zone"));
    }

    private static final ZoneContent ONE = zone(1, "www A 192.0.2.7", "old A 192.0.2.8");
    private static final ZoneContent TWO = zone(2, "www A 192.0.2.7", "new A 192.0.2.9");
    private static final ZoneContent THREE = zone(3, "www A 192.0.2.70", "new A 192.0.2.9");

    private static List<Record> whole(ZoneContent zone) {
        List<Record> records = new ArrayList<>(List.of(zone.soa()));
        records.addAll(zone.sorted());
        records.add(zone.soa());
        return records;
    }

    private static Message message(Message query, List<Record> records) {
        Message message = new Message(query.getHeader().getID());
        message.getHeader().setFlag(Flags.QR);
        message.getHeader().setFlag(Flags.AA);
        message.addRecord(query.getQuestion(), Section.QUESTION);
        records.forEach(record -> message.addRecord(record, Section.ANSWER));
        return message;
    }

    private static Message message(Message query, Record... records) {
        return message(query, List.of(records));
    }

    private static void send(DataOutputStream out, Message message) throws IOException {
        ScriptedPrimary.send(out, message.toWire(Message.MAXLENGTH));
    }

    private static void send(DataOutputStream out, Message message, TSIG.StreamGenerator chain) throws IOException {
        chain.generate(message);
        send(out, message);
    }

    private static ZoneContent fetch(Script script, @Nullable TSIG key, @Nullable ZoneContent before)
            throws IOException {
        return fetch(script, key, before, LIMITS);
    }

    private static ZoneContent fetch(
            Script script, @Nullable TSIG key, @Nullable ZoneContent before, TransferLimits limits) throws IOException {
        try (ScriptedPrimary primary = new ScriptedPrimary(script)) {
            return TransferIn.fetch(
                    ORIGIN, primary.address(), key, before, limits, new CopyMemory(Long.MAX_VALUE).claim());
        }
    }

    private static void refuses(Script script, @Nullable TSIG key, @Nullable ZoneContent before, String reason) {
        assertThatThrownBy(() -> fetch(script, key, before))
                .isInstanceOf(TransferException.class)
                .hasMessageContaining(reason);
    }

    private static void same(ZoneContent actual, ZoneContent expected) {
        assertThat(actual.serial()).isEqualTo(expected.serial());
        assertThat(actual.sorted()).containsExactlyInAnyOrderElementsOf(expected.sorted());
        assertThat(actual.size()).isEqualTo(expected.size());
    }

    @Test
    void takesAWholeZoneInManyMessages() throws Exception {
        same(
                fetch(
                        (query, out) -> {
                            TSIG.StreamGenerator chain = new TSIG.StreamGenerator(KEY, query.getTSIG());
                            for (Record record : whole(ONE)) {
                                send(out, message(query, record), chain);
                            }
                        },
                        KEY,
                        null),
                ONE);
    }

    /** RFC 8945 section 5.3.1: someone between us and the primary puts a message in, under an error code. */
    @Test
    void takesNoMessageOfWhoeverHasNotTheKeyWhateverItsCode() {
        for (int rcode : new int[] {Rcode.NOERROR, Rcode.SERVFAIL, Rcode.NOTAUTH, Rcode.REFUSED}) {
            refuses(
                    (query, out) -> {
                        List<Record> records = whole(ONE);
                        TSIG.StreamGenerator chain = new TSIG.StreamGenerator(KEY, query.getTSIG());
                        send(out, message(query, records.subList(0, 2)), chain);
                        Record evil = zone(1, "bank A 203.0.113.66")
                                .records(name("bank"), Type.A)
                                .get(0);
                        Message injected = message(query, evil);
                        injected.getHeader().setRcode(rcode);
                        send(out, injected);
                        send(out, message(query, records.subList(2, records.size())), chain);
                    },
                    KEY,
                    null,
                    rcode == Rcode.NOERROR ? "BADSIG" : "it answers with " + Rcode.string(rcode));
        }
    }

    private static Name name(String label) throws IOException {
        return Name.fromString(label, ORIGIN);
    }

    @Test
    void takesNoEndThatIsNotSigned() {
        refuses(
                (query, out) -> {
                    List<Record> records = whole(ONE);
                    TSIG.StreamGenerator chain = new TSIG.StreamGenerator(KEY, query.getTSIG());
                    send(out, message(query, records.subList(0, 2)), chain);
                    send(out, message(query, records.subList(2, records.size())));
                },
                KEY,
                null,
                "last message is not signed");
    }

    @Test
    void takesNothingThatIsNotSignedFromTheFirstMessageOn() {
        refuses((query, out) -> send(out, message(query, whole(ONE))), KEY, null, "not proven by the key");
        refuses(
                (query, out) -> {
                    Message refusal = message(query);
                    refusal.getHeader().setRcode(Rcode.NOTIMP);
                    send(out, refusal);
                },
                KEY,
                ONE,
                "not proven by the key");
    }

    @Test
    void takesNoMessageTwice() {
        refuses(
                (query, out) -> {
                    List<Record> records = whole(ONE);
                    TSIG.StreamGenerator chain = new TSIG.StreamGenerator(KEY, query.getTSIG());
                    Message first = message(query, records.subList(0, 2));
                    chain.generate(first);
                    send(out, first);
                    send(out, first);
                    send(out, message(query, records.subList(2, records.size())), chain);
                },
                KEY,
                null,
                "BADSIG");
    }

    @Test
    void takesNoAnswerToAnotherQuery() {
        refuses(
                (query, out) -> {
                    byte[] answer = message(query, whole(ONE)).toWire(Message.MAXLENGTH);
                    answer[1]++;
                    ScriptedPrimary.send(out, answer);
                },
                null,
                null,
                "no answer to our query");
        refuses(
                (query, out) -> {
                    Message other = query.clone();
                    other.removeAllRecords(Section.QUESTION);
                    other.addRecord(Record.newRecord(name("www"), Type.AXFR, DClass.IN), Section.QUESTION);
                    send(out, message(other, whole(ONE)));
                },
                null,
                null,
                "another question");
    }

    @Test
    void takesNoTransferThatEndsOrBeginsWrong() {
        refuses((query, out) -> send(out, message(query, whole(ONE).subList(0, 3))), null, null, "connection ended");
        refuses((query, out) -> send(out, message(query, ONE.sorted())), null, null, "not with the zone's SOA");
        refuses(
                (query, out) -> {
                    List<Record> records = whole(ONE);
                    records.set(records.size() - 1, TWO.soa());
                    send(out, message(query, records));
                },
                null,
                null,
                "begins with serial 1 and ends with 2");
        refuses(
                (query, out) -> {
                    List<Record> records = whole(ONE);
                    records.add(ONE.sorted().get(1));
                    send(out, message(query, records));
                },
                null,
                null,
                "after the end");
        refuses(
                (query, out) -> {
                    List<Record> records = whole(ONE);
                    records.add(1, new NSECRecord(ORIGIN, DClass.IN, 60, ORIGIN, new int[] {Type.A}));
                    send(out, message(query, records));
                },
                null,
                null,
                "is to come unsigned");
        refuses((query, out) -> ScriptedPrimary.send(out, new byte[12]), null, null, "no answer to our query");
        assertThatThrownBy(() -> fetch((query, out) -> ScriptedPrimary.send(out, new byte[3]), null, null))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> fetch(
                        (query, out) -> {
                            List<Record> records = whole(ONE);
                            records.add(1, Record.newRecord(Name.root, Type.NS, 1, 60, new byte[] {0}));
                            send(out, message(query, records));
                        },
                        null,
                        null))
                .isInstanceOf(InvalidZoneException.class)
                .hasMessageContaining("outside");
    }

    @Test
    void keepsToItsLimits() {
        Script endless = (query, out) -> {
            send(out, message(query, ONE.soa()));
            while (true) {
                send(out, message(query, ONE.sorted()));
            }
        };
        assertThatThrownBy(() -> fetch(
                        endless, null, null, new TransferLimits(LIMITS.silence(), LIMITS.whole(), 1 << 20, 1_000)))
                .hasMessageContaining("more than 1000 records");
        assertThatThrownBy(() -> fetch(
                        endless, null, null, new TransferLimits(LIMITS.silence(), LIMITS.whole(), 10_000, 1_000_000)))
                .hasMessageContaining("longer than 10000 bytes");
        Duration soon = Duration.ofMillis(300);
        assertThatThrownBy(() -> fetch(
                        (query, out) -> {
                            send(out, message(query, ONE.soa()));
                            Thread.sleep(10_000);
                        },
                        null,
                        null,
                        new TransferLimits(soon, LIMITS.whole(), 10_000, 1_000)))
                .hasMessageContaining("nothing came for 0.3 s");
        assertThatThrownBy(() -> fetch(
                        (query, out) -> {
                            while (true) {
                                // a byte at a time
                                out.write(1);
                                out.flush();
                                Thread.sleep(20);
                            }
                        },
                        null,
                        null,
                        new TransferLimits(Duration.ofSeconds(5), soon, 10_000, 1_000)))
                .hasMessageContaining("takes longer than 0.3 s");
    }

    private static List<Record> changes(ZoneContent... versions) {
        Record last = versions[versions.length - 1].soa();
        List<Record> records = new ArrayList<>(List.of(last));
        for (int i = 1; i < versions.length; i++) {
            ZoneDelta delta = ZoneDelta.between(versions[i - 1], versions[i]);
            records.add(delta.from());
            records.addAll(delta.removed());
            records.add(delta.to());
            records.addAll(delta.added());
        }
        records.add(last);
        return records;
    }

    /** RFC 1995 section 4. */
    @Test
    void takesChangesOneAfterAnother() throws Exception {
        same(
                fetch(
                        (query, out) -> {
                            assertThat(query.getSection(Section.AUTHORITY)).containsExactly(ONE.soa());
                            TSIG.StreamGenerator chain = new TSIG.StreamGenerator(KEY, query.getTSIG());
                            for (Record record : changes(ONE, TWO, THREE)) {
                                send(out, message(query, record), chain);
                            }
                        },
                        KEY,
                        ONE),
                THREE);
    }

    @Test
    void takesAWholeZoneInsteadOfChanges() throws Exception {
        same(fetch((query, out) -> send(out, message(query, whole(THREE))), null, ONE), THREE);
    }

    @Test
    void keepsWhatItHasWhenThatIsNewest() throws Exception {
        assertThat(fetch((query, out) -> send(out, message(query, TWO.soa())), null, TWO))
                .isSameAs(TWO);
        assertThat(fetch((query, out) -> send(out, message(query, ONE.soa())), null, TWO))
                .isSameAs(TWO);
    }

    @Test
    void asksForTheWholeZoneWhenChangesCannotBeHadOrDoNotFit() throws Exception {
        ZoneContent other = zone(1, "www A 192.0.2.7");
        List<Script> answers = List.of(
                (query, out) -> {
                    Message refusal = message(query);
                    refusal.getHeader().setRcode(Rcode.NOTIMP);
                    send(out, refusal);
                },
                (query, out) -> send(out, message(query)),
                // has news, and no increment
                (query, out) -> send(out, message(query, THREE.soa())),
                // takes away what is not there
                (query, out) -> send(out, message(query, changes(ONE, TWO, THREE))),
                // of another version
                (query, out) -> send(out, message(query, changes(TWO, THREE))),
                // leaves a change out
                (query, out) -> {
                    List<Record> records = changes(other, TWO, THREE);
                    records.removeAll(Arrays.asList(TWO.soa(), null));
                    records.add(2, TWO.soa());
                    send(out, message(query, records));
                });
        for (Script answer : answers) {
            Script both = (query, out) -> {
                if (Objects.requireNonNull(query.getQuestion()).getType() == Type.IXFR) {
                    answer.answer(query, out);
                } else {
                    send(out, message(query, whole(THREE)));
                }
            };
            try (ScriptedPrimary primary = new ScriptedPrimary(both)) {
                same(
                        TransferIn.fetch(
                                ORIGIN, primary.address(), null, other, LIMITS, new CopyMemory(Long.MAX_VALUE).claim()),
                        THREE);
                assertThat(primary.queries()).isEqualTo(2);
            }
        }
    }
}
