package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.registry.AccessRule;
import com.kingcdn.redirector.registry.ZonePolicy;
import com.kingcdn.redirector.zone.CountedRecord;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneDelta;
import com.kingcdn.redirector.zone.ZoneFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** RFC 2136 section 3, clause by clause. */
class ZoneUpdateTest {

    private static final Name ORIGIN = Name.fromConstantString("z.example.");
    private static final ZoneContent ZONE = ZoneFile.parse(
            "z.example",
            """
            $TTL 300
            @ SOA ns1 host 7 7200 900 1209600 60
            @ NS ns1
            ns1 A 192.0.2.1
            www A 192.0.2.2
            www A 192.0.2.3
            alias CNAME www
            """,
            Path.of("z.zone"));
    private static final AccessRule ALL = new AccessRule("k", List.of(), List.of());

    private static LiveZone live() {
        return live(ZONE);
    }

    private static LiveZone live(ZoneContent content) {
        return new LiveZone(
                ServedZone.Kind.PRIMARY,
                ZonePolicy.CLOSED,
                ZONE,
                content,
                content,
                List.of(),
                Set.of(Name.fromConstantString("edge.z.example.")));
    }

    private static Record record(String line) {
        String[] parts = line.split(" ", 5);
        int type = Type.value(parts[3]);
        int dnsClass = DClass.value(parts[2]);
        try {
            Name name = Name.fromString(parts[0], ORIGIN);
            long ttl = Long.parseLong(parts[1]);
            if (parts.length < 5) {
                return Record.newRecord(name, type, dnsClass, ttl);
            }
            Record in = Record.fromString(name, type, DClass.IN, ttl, parts[4], ORIGIN);
            return Record.newRecord(name, type, dnsClass, ttl, in.rdataToWireCanonical());
        } catch (IOException e) {
            throw new IllegalArgumentException(line, e);
        }
    }

    private static List<String> after(String... lines) throws UpdateRefusal {
        List<Record> records = new ArrayList<>();
        for (String line : lines) {
            records.add(record(line));
        }
        ZoneDelta delta = ZoneUpdate.of(live(), ALL, records);
        ZoneContent changed = ZONE.with(delta);
        List<String> result = new ArrayList<>(List.of("serial " + changed.serial()));
        changed.sorted()
                .forEach(record -> result.add(record.getName().relativize(ORIGIN) + " " + record.getTTL() + " "
                        + Type.string(record.getType()) + " " + record.rdataToString()));
        return result;
    }

    @Test
    void addsAndReplaces_3_4_2_2() throws Exception {
        assertThat(after("new 60 IN A 192.0.2.9")).contains("serial 8", "new 60 A 192.0.2.9");
        assertThat(after("www 60 IN A 192.0.2.9"))
                .as("one TTL for a set, RFC 2181 5.2")
                .contains("www 60 A 192.0.2.2", "www 60 A 192.0.2.3", "www 60 A 192.0.2.9");
        assertThat(after("alias 60 IN CNAME ns1.z.example."))
                .contains("alias 60 CNAME ns1.z.example.")
                .doesNotContain("alias 300 CNAME www.z.example.");
        assertThat(after("www 300 IN CNAME ns1", "alias 300 IN A 192.0.2.9"))
                .as("a CNAME never comes beside other records")
                .contains("serial 7", "alias 300 CNAME www.z.example.");
        assertThat(after("@ 300 IN SOA ns1 host 100 1 1 1 1")).contains("serial 100");
        assertThat(after("@ 300 IN SOA ns1 host 3 1 1 1 1")).as("an older one").contains("serial 7");
        assertThat(after("@ 300 IN SOA ns1 host 100 1 1 1 1", "@ 300 IN SOA ns1 host 50 1 1 1 1"))
                .as("older than the one before it")
                .contains("serial 100");
        assertThat(after("@ 300 IN SOA ns1 host 50 1 1 1 1", "@ 300 IN SOA ns1 host 100 1 1 1 1"))
                .contains("serial 100");
        assertThat(after("www 300 IN A 192.0.2.2")).as("nothing changes").contains("serial 7");
    }

    @Test
    void deletes_3_4_2_3_and_3_4_2_4() throws Exception {
        assertThat(after("www 0 NONE A 192.0.2.2"))
                .contains("serial 8", "www 300 A 192.0.2.3")
                .doesNotContain("www 300 A 192.0.2.2");
        assertThat(after("www 0 NONE A"))
                .as("data that no record of the type can have")
                .contains("serial 7", "www 300 A 192.0.2.2", "www 300 A 192.0.2.3");
        assertThat(after("www 0 ANY A")).noneMatch(line -> line.startsWith("www"));
        assertThat(after("alias 0 ANY ANY")).noneMatch(line -> line.startsWith("alias"));
        assertThat(after("@ 0 ANY ANY", "@ 0 ANY NS", "@ 0 ANY SOA", "@ 0 NONE NS ns1"))
                .as("SOA and the last NS stay")
                .contains("serial 7", "@ 300 NS ns1.z.example.");
        assertThat(after("new 60 IN A 192.0.2.9", "new 0 ANY A")).contains("serial 7");
        assertThat(after("alias 0 ANY ANY", "alias 60 IN TXT now")).contains("alias 60 TXT now");
    }

    /** A message of 64 KiB has room for thousands of records, and a name for as many. */
    @Test
    void looksAtEachRecordOfALargeSetAFewTimes() throws Exception {
        Name name = record("many 60 IN A 192.0.2.1").getName();
        int many = 20_000;
        List<Record> records = CountedRecord.set(name, 60, 0, many);
        List<Record> deletions = new ArrayList<>();
        for (Record record : records) {
            deletions.add(Record.newRecord(name, Type.A, DClass.NONE, 0, record.rdataToWireCanonical()));
        }
        List<ZoneDelta> made = new ArrayList<>();
        List<Record> otherTtls = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            otherTtls.addAll(CountedRecord.set(name, 61 + i, i, 1));
        }
        assertThat(CountedRecord.written(() -> {
                    made.add(update(live(), records));
                    made.add(update(live(), otherTtls));
                }))
                .isLessThan(20L * many);
        assertThat(made.get(0).added()).hasSize(many);
        assertThat(made.get(1).added())
                .as("the last TTL is the set's")
                .hasSize(many)
                .allMatch(record -> record.getTTL() == 60 + many);

        List<Record> most = records.subList(0, 4_000);
        LiveZone large = live(ZONE.with(update(live(), most)));
        assertThat(CountedRecord.written(() -> made.add(update(large, deletions))))
                .isLessThan(20L * many);
        assertThat(made.get(2).removed()).containsExactlyElementsOf(most);
        assertThat(made.get(2).added()).isEmpty();
    }

    private static ZoneDelta update(LiveZone zone, List<Record> records) {
        try {
            return ZoneUpdate.of(zone, ALL, records);
        } catch (UpdateRefusal e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "x.other. 60 IN A 192.0.2.1, NOTZONE",
        "x 60 CH TXT a, FORMERR",
        "x 60 ANY A, FORMERR",
        "x 60 IN ANY, FORMERR",
        "x 60 IN A, FORMERR",
        "@ 60 IN SOA, FORMERR",
        "x 0 ANY AXFR, FORMERR",
        "x 5 NONE A 192.0.2.1, FORMERR",
        "edge 60 IN A 192.0.2.1, REFUSED",
        "edge 0 ANY ANY, REFUSED",
        "edge 60 IN NS ns1, REFUSED",
        "@ 60 IN DNAME other., REFUSED"
    })
    void refuses_3_4_1_3(String line, String rcode) {
        assertThatThrownBy(() -> after(line))
                .isInstanceOfSatisfying(UpdateRefusal.class, refusal -> assertThat(refusal.rcode())
                        .isEqualTo(Rcode.value(rcode)));
    }

    @ParameterizedTest
    @CsvSource({
        "www 0 ANY ANY, NOERROR",
        "none 0 ANY ANY, NXDOMAIN",
        "www 0 ANY A, NOERROR",
        "www 0 ANY TXT, NXRRSET",
        "none 0 NONE ANY, NOERROR",
        "www 0 NONE ANY, YXDOMAIN",
        "www 0 NONE TXT, NOERROR",
        "www 0 NONE A, YXRRSET",
        "www 0 IN A 192.0.2.2, NXRRSET",
        "ns1 0 IN A 192.0.2.1, NOERROR",
        "www 60 ANY ANY, FORMERR",
        "x.other. 0 ANY ANY, NOTZONE",
        "www 0 CH A, FORMERR"
    })
    void holdsPrerequisites_3_2(String line, String rcode) {
        int found = Rcode.NOERROR;
        try {
            UpdatePrerequisites.check(ZONE, List.of(record(line)));
        } catch (UpdateRefusal e) {
            found = e.rcode();
        }
        assertThat(Rcode.string(found)).isEqualTo(rcode);
    }

    @Test
    void permitsOnlyTheNamesOfTheRule() {
        AccessRule rule = new AccessRule("k", List.of(), List.of("*.dyn.z.example", "one.z.example"));
        assertThat(rule.covers("a.dyn.z.example")).isTrue();
        assertThat(rule.covers("one.z.example")).isTrue();
        assertThat(rule.covers("dyn.z.example")).isFalse();
        assertThat(rule.covers("evildyn.z.example")).isFalse();
        assertThat(rule.covers("evil\\.dyn.z.example"))
                .as("one label, RFC 1035 5.1")
                .isFalse();
        assertThat(rule.covers("a\\\\.dyn.z.example")).isTrue();
        assertThatThrownBy(() -> ZoneUpdate.of(live(), rule, List.of(record("www 60 IN A 192.0.2.9"))))
                .isInstanceOf(UpdateRefusal.class);
    }
}
