package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.TXTRecord;

/** A difference leads from the one content to the other and back. */
class ZoneDeltaPropertyTest {

    private static final Name ORIGIN = Names.of("z.example.");

    @Property(tries = 200)
    void leadsThereAndBack(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        ZoneContent from = content(random, 1);
        ZoneContent to = content(random, 2);
        ZoneDelta there = ZoneDelta.between(from, to);
        assertThat(lines(from.with(there))).isEqualTo(lines(to));
        assertThat(lines(to.with(ZoneDelta.between(to, from)))).isEqualTo(lines(from));
        assertThat(from.with(there).size()).isEqualTo(to.size());
        assertThat(ZoneDelta.between(to, from.with(there)).isEmpty()).isTrue();
    }

    private static Set<String> lines(ZoneContent content) {
        Set<String> lines = new TreeSet<>();
        content.sorted().forEach(record -> lines.add(record.toString()));
        lines.add(content.soa().toString());
        return lines;
    }

    private static ZoneContent content(Random random, long serial) throws Exception {
        List<Record> records = new ArrayList<>();
        records.add(new SOARecord(ORIGIN, DClass.IN, 300, ORIGIN, ORIGIN, serial, 1, 2, 3, 4));
        records.add(new NSRecord(ORIGIN, DClass.IN, 300, Names.of("ns.test.")));
        for (int name = 0; name < 5; name++) {
            Name owner = Name.fromString("n" + name, ORIGIN);
            long ttl = 60L + random.nextInt(2);
            for (int i = 0; i < 3; i++) {
                if (random.nextBoolean()) {
                    records.add(new ARecord(
                            owner, DClass.IN, ttl, java.net.InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i})));
                }
                if (random.nextInt(4) == 0) {
                    records.add(new TXTRecord(owner, DClass.IN, 60, "text " + i));
                }
            }
        }
        return ZoneContent.of(ORIGIN, records);
    }
}
