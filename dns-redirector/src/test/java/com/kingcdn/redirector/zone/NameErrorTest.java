package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NameErrorTest {

    private static NameError nameError(String zone, AtomicInteger room) {
        ZoneContent content = SnapshotFixture.zone(zone, SnapshotFixture.CDN_ZONE);
        return new NameError(content.soa(), room);
    }

    /** Names of each length in many zones, as a flood has them, take no memory without end. */
    @Test
    void keepsNoMoreThanThereIsRoomForInAllZones() {
        AtomicInteger room = new AtomicInteger(2);
        NameError one = nameError("one.example", room);
        NameError other = nameError("other.example", room);
        ReadyAnswer ofOne = one.answer(30);
        ReadyAnswer ofOther = other.answer(30);
        assertThat(one.answer(30)).isSameAs(ofOne);
        assertThat(other.answer(30)).isSameAs(ofOther);

        ReadyAnswer made = one.answer(31);
        assertThat(one.answer(31)).isNotSameAs(made);
        assertThat(one.answer(31).body()).isEqualTo(made.body()).isNotEqualTo(ofOne.body());
        assertThat(one.answer(30)).as("what was kept stays").isSameAs(ofOne);
    }
}
