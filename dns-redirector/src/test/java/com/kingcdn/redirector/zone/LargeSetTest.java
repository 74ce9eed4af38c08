package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Type;

/** Sets of thousands of records: each record is looked at a few times, not once for each other one. */
class LargeSetTest {

    private static final Name ORIGIN = Names.of("z.example.");
    private static final Name WWW = Names.of("www.z.example.");
    private static final int MANY = ZoneBuilder.MOST_OF_SET;
    private static final int LOOKS = 12;

    private static SOARecord soa(long serial) {
        return new SOARecord(ORIGIN, DClass.IN, 300, ORIGIN, ORIGIN, serial, 1, 2, 3, 4);
    }

    private static ZoneContent zone(List<Record> others) {
        List<Record> records = new ArrayList<>(others);
        records.add(soa(1));
        records.add(new NSRecord(ORIGIN, DClass.IN, 300, Names.of("ns.test.")));
        return ZoneContent.of(ORIGIN, records);
    }

    @Test
    void becomesAZoneWithoutComparingEachRecordWithEach() {
        List<Record> records = CountedRecord.set(WWW, 60, 0, MANY);
        List<ZoneContent> made = new ArrayList<>();
        assertThat(CountedRecord.written(() -> made.add(zone(records)))).isLessThan((long) LOOKS * MANY);
        assertThat(made.get(0).records(WWW, Type.A)).containsExactlyElementsOf(records);
        assertThat(made.get(0).size()).isEqualTo(MANY + 2);
    }

    @Test
    void isChangedAndFoundWithoutComparingEachRecordWithEach() {
        List<Record> records = CountedRecord.set(WWW, 60, 0, MANY);
        List<Record> others = CountedRecord.set(WWW, 60, MANY, MANY);
        ZoneContent before = zone(records);
        ZoneDelta delta = new ZoneDelta(soa(1), soa(2), records, others);
        List<ZoneContent> made = new ArrayList<>();
        assertThat(CountedRecord.written(() -> {
                    made.add(before.follow(List.of(delta)));
                    made.add(before.with(delta));
                    ZoneDelta.between(before, made.get(0));
                    others.forEach(made.get(1)::find);
                }))
                .isLessThan(4L * LOOKS * MANY);
        assertThat(made).allSatisfy(content -> {
            assertThat(content.records(WWW, Type.A)).containsExactlyElementsOf(others);
            assertThat(content.size()).isEqualTo(MANY + 2);
        });
        assertThat(before.records(WWW, Type.A)).as("which stays as it was").containsExactlyElementsOf(records);
        assertThat(ZoneDelta.between(before, made.get(0)).removed()).containsExactlyElementsOf(records);
        assertThat(ZoneDelta.between(before, made.get(0)).added()).containsExactlyElementsOf(others);
    }

    /** RFC 2181 sections 5 and 5.2, as the library's own sets do it, however the records come. */
    @Test
    void hasEachRecordOnceAndTheLeastTtl() {
        for (int count : new int[] {1, LargeSet.LEAST, LargeSet.LEAST + 1, 50}) {
            List<Record> records = new ArrayList<>(CountedRecord.set(WWW, 60, 0, count));
            records.addAll(CountedRecord.set(WWW, 30, count / 2, count));
            records.addAll(CountedRecord.set(WWW, 90, 0, count));
            Collections.rotate(records, count / 3);
            RRset expected = new RRset(records);
            RRset set = Objects.requireNonNull(zone(records).sets(WWW).get(Type.A));
            assertThat(set.rrs(false)).isEqualTo(expected.rrs(false)).allMatch(record -> record.getTTL() == 30);
            assertThat(set.getTTL()).isEqualTo(30);
            assertThat(set.size()).isEqualTo(expected.size());
            assertThat(set.first()).isEqualTo(expected.first());
            assertThat(set.getName()).isEqualTo(WWW);
        }
    }

    @Test
    void shrinksToNothing() {
        List<Record> records = CountedRecord.set(WWW, 60, 0, 20);
        ZoneContent before = zone(records);
        for (int left = 19; left >= 0; left--) {
            ZoneContent after = before.with(new ZoneDelta(soa(1), soa(2), records.subList(left, 20), List.of()));
            assertThat(after.records(WWW, Type.A)).isEqualTo(records.subList(0, left));
            assertThat(after.size()).isEqualTo(left + 2);
        }
        assertThat(before.with(new ZoneDelta(soa(1), soa(2), records, List.of()))
                        .sets(WWW))
                .isEmpty();
    }
}
