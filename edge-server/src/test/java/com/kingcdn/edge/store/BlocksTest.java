package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class BlocksTest {

    @Property
    void blocksTileABody(@ForAll @LongRange(min = 1, max = 5L * Blocks.SIZE) long length) {
        long sum = 0;
        for (int block = 0; block < Blocks.count(length); block++) {
            assertThat(Blocks.start(block)).isEqualTo(sum);
            assertThat(Blocks.at(sum)).isEqualTo(block);
            sum += Blocks.length(block, length);
            assertThat(Blocks.at(sum - 1)).isEqualTo(block);
        }
        assertThat(sum).isEqualTo(length);
    }

    @Property
    void theLastOctetOfTheLongestBodyHasABlock(@ForAll @LongRange(min = 1, max = Blocks.SIZE) long fromEnd) {
        assertThat(Blocks.at(Blocks.MAX_LENGTH - fromEnd)).isEqualTo(Integer.MAX_VALUE - 1);
        assertThat(Blocks.count(Blocks.MAX_LENGTH)).isEqualTo(Integer.MAX_VALUE);
    }
}
