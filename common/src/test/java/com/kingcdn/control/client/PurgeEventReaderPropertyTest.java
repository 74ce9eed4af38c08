package com.kingcdn.control.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The direct reading of purges says what binding says, or nothing. */
class PurgeEventReaderPropertyTest {

    private static final String WHOLE =
            "{\"type\":\"purge\",\"id\":\"a\",\"sequence\":7,\"acceptedAtMillis\":9,\"request\":{\"tags\":[\"x\"],\"mode\":\"soft\"}}";

    @Property(tries = 300)
    void isWhatBindingReads(@ForAll("purges") ControlEvent.Purge purge) {
        String json = ControlJson.mapper().writerFor(ControlEvent.class).writeValueAsString(purge);

        assertThat(PurgeEventReader.read(json))
                .isEqualTo(purge)
                .isEqualTo(ControlJson.mapper().readValue(json, ControlEvent.class));
    }

    @Property(tries = 300)
    void aTruncatedEventIsNeverTakenForAWholeOne(@ForAll("purges") ControlEvent.Purge purge, @ForAll int cut) {
        String json = ControlJson.mapper().writerFor(ControlEvent.class).writeValueAsString(purge);

        assertThat(PurgeEventReader.read(json.substring(0, Math.floorMod(cut, json.length()))))
                .isNull();
    }

    @Example
    void membersOfLaterVersionsArePassedOver_exceptThoseThatSayWhatIsPurged() {
        assertThat(PurgeEventReader.read(WHOLE)).isNotNull();
        assertThat(PurgeEventReader.read(WHOLE.replace("\"id\"", "\"by\":{\"who\":[1,{}]},\"id\"")))
                .isEqualTo(PurgeEventReader.read(WHOLE));
        assertThat(PurgeEventReader.read(WHOLE.replace("\"tags\"", "\"patterns\":[\"*\"],\"tags\"")))
                .isNull();
    }

    @Example
    void whatItDoesNotKnowIsLeftToOthers() {
        for (String other : List.of(
                "",
                "null",
                "[]",
                "7",
                WHOLE + WHOLE,
                WHOLE.replace("\"a\"", "null"),
                WHOLE.replace("7", "\"7\""),
                WHOLE.replace("soft", "gentle"),
                WHOLE.replace("[\"x\"]", "\"x\""),
                WHOLE.replace("[\"x\"]", "[7]"),
                WHOLE.replace("\"tags\":[\"x\"]", "\"tags\":[],\"distributions\":[\"a\"]"),
                WHOLE.replace("\"request\"", "\"requests\""))) {
            assertThat(PurgeEventReader.read(other)).as(other).isNull();
        }
    }

    @Provide
    Arbitrary<ControlEvent.Purge> purges() {
        Arbitrary<List<String>> names =
                Arbitraries.strings().ofMaxLength(20).list().ofMaxSize(3).injectNull(0.3);
        Arbitrary<List<String>> tags = Arbitraries.strings()
                .ofMaxLength(20)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .injectNull(0.3);
        Arbitrary<PurgeRequest> requests = Combinators.combine(
                        names, names, tags, names, names, Arbitraries.of(PurgeMode.class))
                .as(PurgeRequest::new);
        return Combinators.combine(
                        Arbitraries.strings().ofMaxLength(16), Arbitraries.longs(), Arbitraries.longs(), requests)
                .as(ControlEvent.Purge::new);
    }
}
