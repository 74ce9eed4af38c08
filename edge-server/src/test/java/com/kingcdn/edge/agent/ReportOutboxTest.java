package com.kingcdn.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.FillProgress;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.edge.agent.ReportOutbox.Batch;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class ReportOutboxTest {

    private final ReportOutbox outbox = new ReportOutbox();

    @Test
    void whatWasSentWaitsUntilItIsAccepted() {
        outbox.add(receipts(1, 3));
        Batch first = outbox.next();
        outbox.add(receipts(4, 5));
        assertThat(outbox.next().receipts()).isEqualTo(receipts(1, 5));
        outbox.accepted(first);
        assertThat(outbox.next().receipts()).isEqualTo(receipts(4, 5));
        outbox.accepted(outbox.next());
        assertThat(outbox.isEmpty()).isTrue();
        assertThat(outbox.next().isEmpty()).isTrue();
    }

    @Test
    void reportsStaySmall_andTheOldestGoWhenNobodyListens() {
        outbox.add(receipts(1, ReportOutbox.MAX_RECEIPTS));
        Batch sent = outbox.next();
        assertThat(sent.receipts()).isEqualTo(receipts(1, ReportOutbox.MAX_RECEIPTS_PER_REPORT));
        outbox.add(receipts(ReportOutbox.MAX_RECEIPTS + 1, ReportOutbox.MAX_RECEIPTS + 2));
        outbox.accepted(sent);
        assertThat(outbox.next().receipts()).first().isEqualTo(receipt(ReportOutbox.MAX_RECEIPTS_PER_REPORT + 1));
    }

    @Test
    void ofEachFillTheLastProgressCounts() {
        outbox.add(progress("f1", 1));
        outbox.add(progress("f2", 1));
        Batch sent = outbox.next();
        outbox.add(progress("f1", 2));
        outbox.accepted(sent);
        assertThat(outbox.next().fills()).containsExactly(progress("f1", 2));
    }

    private static List<PurgeReceipt> receipts(long from, long to) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(ReportOutboxTest::receipt)
                .toList();
    }

    private static PurgeReceipt receipt(long sequence) {
        return new PurgeReceipt("p" + sequence, sequence, 0, 1);
    }

    private static FillProgress progress(String id, int done) {
        return new FillProgress(id, FillProgress.State.RUNNING, done, 0, 3, 0, null);
    }
}
