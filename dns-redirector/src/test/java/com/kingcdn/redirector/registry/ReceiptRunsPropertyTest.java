package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.PurgeReceipt;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Runs against a plain set of numbers. */
final class ReceiptRunsPropertyTest {

    private static final int MOST = 40;

    @Property(tries = 500)
    void aPurgeHasAReceiptIfAnyRunOfTheNodeHeldIt(
            @ForAll @Size(max = 12) List<@IntRange(min = 1, max = MOST) Integer> ends,
            @ForAll @Size(min = 12, max = 12) List<@IntRange(min = 0, max = 15) Integer> lengths,
            @ForAll @IntRange(min = 0, max = MOST) int forgotten) {
        ReceiptRuns runs = new ReceiptRuns();
        Set<Long> reported = new HashSet<>();
        for (int i = 0; i < ends.size(); i++) {
            long last = ends.get(i);
            long first = Math.max(1, last - lengths.get(i));
            PurgeReceipt receipt = new PurgeReceipt("p" + last, last, i, 0, first);
            boolean known = LongStream.rangeClosed(first, last).allMatch(reported::contains);
            assertThat(known || !runs.cover(receipt)).isTrue();
            runs.add("fra", receipt);
            assertThat(runs.cover(receipt)).isTrue();
            LongStream.rangeClosed(first, last).forEach(reported::add);
        }
        for (long sequence = 0; sequence <= MOST + 1; sequence++) {
            assertThat(runs.find(sequence) != null).as("purge %d", sequence).isEqualTo(reported.contains(sequence));
        }
        runs.forgetTo(forgotten);
        for (long sequence = forgotten + 1L; sequence <= MOST; sequence++) {
            assertThat(runs.find(sequence) != null).as("purge %d", sequence).isEqualTo(reported.contains(sequence));
        }
        assertThat(runs.all()).allMatch(run -> run.receipt().sequence() > forgotten);
    }
}
