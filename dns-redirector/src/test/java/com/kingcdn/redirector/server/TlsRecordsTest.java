package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TlsRecordsTest {

    private static ByteBuf record(int length) {
        return Unpooled.buffer(5 + length, 5 + length)
                .writeByte(22)
                .writeShort(0x0303)
                .writeShort(length)
                .writeZero(length);
    }

    /** However the octets are cut: at the end of a record nothing is held, in the midst of one at least what has come of it. */
    @Property(tries = 300)
    void countsWhatHasComeOfARecord(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 300) Integer> lengths,
            @ForAll @IntRange(min = 1, max = 400) int piece) {
        UnreadMemory unread = new UnreadMemory(1 << 20);
        EmbeddedChannel channel = new EmbeddedChannel(new TlsRecords(unread));
        ByteBuf all = Unpooled.buffer();
        lengths.forEach(length -> all.writeBytes(record(length)));
        int total = all.readableBytes();
        for (int at = 0; at < total; ) {
            int step = Math.min(piece, total - at);
            channel.writeInbound(all.copy(at, step));
            at += step;
            int begun = unfinished(lengths, at);
            assertThat(unread.held()).isBetween((long) begun, begun == 0 ? 0L : (long) Math.max(begun, piece));
            assertThat(channel.<ByteBuf>readInbound().release()).isTrue();
        }
        all.release();
        channel.finishAndReleaseAll();
        assertThat(unread.held()).isZero();
    }

    private static int unfinished(List<Integer> lengths, int come) {
        int left = come;
        for (int length : lengths) {
            if (left < 5 + length) {
                return left;
            }
            left -= 5 + length;
        }
        return left;
    }

    @Test
    void thoseThatHaveHadOneUnfinishedForLongestAreClosed_andCountNoMore() {
        UnreadMemory unread = new UnreadMemory(25_000);
        EmbeddedChannel first = new EmbeddedChannel(new TlsRecords(unread));
        EmbeddedChannel second = new EmbeddedChannel(new TlsRecords(unread));
        first.writeInbound(record(16_000).writerIndex(15_000));
        second.writeInbound(record(16_000).writerIndex(15_000));
        assertThat(first.isOpen()).isFalse();
        assertThat(second.isOpen()).isTrue();
        second.finishAndReleaseAll();
        first.finishAndReleaseAll();
        assertThat(unread.held()).isZero();
    }
}
