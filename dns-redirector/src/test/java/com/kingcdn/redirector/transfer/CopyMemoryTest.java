package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TXTRecord;

class CopyMemoryTest {

    private static final ZoneContent ZONE = ZoneFile.parse(
            "customer.example",
            "$TTL 60\n@ SOA ns1 host 1 7200 900 1209600 60\n@ NS ns1\nns1 A 192.0.2.1\n",
            Path.of("zone"));
    private static final Record RECORD = ZONE.sorted().get(0);

    private static int takeAll(CopyMemory.Claim claim) {
        for (int taken = 0; ; taken++) {
            try {
                claim.add(RECORD);
            } catch (TransferException e) {
                return taken;
            }
        }
    }

    @Test
    void transfersAndCopiesTogetherKeepToTheLimit() throws Exception {
        CopyMemory memory = new CopyMemory(100 * CopyMemory.weight(RECORD));
        double refused = TransferMetrics.NO_ROOM.get();
        try (CopyMemory.Claim one = memory.claim();
                CopyMemory.Claim other = memory.claim()) {
            for (int i = 0; i < 40; i++) {
                one.add(RECORD);
            }
            assertThat(takeAll(other)).isEqualTo(60);
            assertThatThrownBy(() -> one.add(RECORD)).hasMessageContaining("kingcdn.redirector.copies.memory");
            assertThat(TransferMetrics.NO_ROOM.get()).isEqualTo(refused + 2);
            other.clear();
            one.add(RECORD);
        }
        assertThat(memory.taken()).isZero();
        memory.hold(ZONE.origin(), ZONE);
        memory.hold(ZONE.origin(), ZONE);
        long one = memory.taken();
        assertThat(one).isBetween(3 * 240L, 5 * CopyMemory.weight(RECORD));
        try (CopyMemory.Claim claim = memory.claim()) {
            assertThat(takeAll(claim)).isLessThan(100);
        }
        memory.drop(ZONE.origin());
        memory.drop(ZONE.origin());
        assertThat(memory.taken()).isZero();
    }

    @Test
    void whatHasComeTakesNoMoreAsACopyThanTheCopyDoes() throws Exception {
        CopyMemory memory = new CopyMemory(1 << 20);
        memory.hold(ZONE.origin(), ZONE);
        long one = memory.taken();
        try (CopyMemory.Claim claim = memory.claim()) {
            claim.add(RECORD);
            claim.become(ZONE.origin(), ZONE);
            assertThat(memory.taken()).isEqualTo(one);
        }
        assertThat(memory.taken()).as("given back once").isEqualTo(one);
        memory.drop(ZONE.origin());
        assertThat(memory.taken()).isZero();
    }

    /** The smallest parts cost the most for each octet on the wire. */
    @Test
    void weighsEmptyStringsByTheirNumber() {
        List<String> strings = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            strings.add("");
        }
        Record record = new TXTRecord(Name.fromConstantString("t.customer.example."), DClass.IN, 60, strings);
        assertThat(CopyMemory.weight(record)).isGreaterThan(20L * 60_000);
    }
}
