package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RecordHeaderPropertyTest {

    @Property
    void readsBackWhatItWrote(
            @ForAll long stamp,
            @ForAll long high,
            @ForAll long low,
            @ForAll @IntRange(max = Integer.MAX_VALUE) int block,
            @ForAll @IntRange(max = Blocks.SIZE) int length,
            @ForAll int checksum,
            @ForAll long keyHash) {
        RecordHeader header = new RecordHeader(
                stamp, RecordType.BLOCK, 5, new EntryId(high, low), block, length, checksum, keyHash, ~keyHash);
        ByteBuffer octets = ByteBuffer.allocate(RecordHeader.BYTES);
        header.putInto(octets);
        assertThat(octets.position()).isEqualTo(RecordHeader.BYTES);
        assertThat(RecordHeader.takeFrom(octets.flip())).isEqualTo(header);
    }

    @Property
    void refusesAnySingleFlippedBit(@ForAll @IntRange(max = RecordHeader.BYTES * 8 - 1) int bit) {
        ByteBuffer octets = ByteBuffer.allocate(RecordHeader.BYTES);
        new RecordHeader(7, RecordType.METADATA, 1, new EntryId(1, 2), 0, 100, 42, 8, 9).putInto(octets);
        octets.flip().put(bit / 8, (byte) (octets.get(bit / 8) ^ 1 << bit % 8));
        assertThat(RecordHeader.takeFrom(octets)).isNull();
    }

    @Property
    void refusesNoise(@ForAll byte[] noise) {
        assertThat(RecordHeader.takeFrom(ByteBuffer.wrap(noise))).isNull();
    }
}
