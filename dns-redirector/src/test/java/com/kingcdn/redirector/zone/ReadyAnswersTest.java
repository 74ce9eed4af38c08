package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.topology.IpPrefix;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

class ReadyAnswersTest {

    private static final int FIRST_UNASSIGNED = 300;
    private static final int LAST = 65_279;

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final ClientRoute route = snapshot.director().route(IpPrefix.parse("203.0.113.0/24"));

    private void ask(Name name, int type) {
        snapshot.answered(name, type, route, false, false);
    }

    private @Nullable ReadyAnswer ready(Name name, int type) {
        byte[] wire = name.toWireCanonical();
        return snapshot.ready(wire, 0, wire.length, type, false, false);
    }

    /** Whoever asks for all types of a few names costs no answer of what exists, nor those that most clients ask for. */
    @Test
    void aFloodOfTypesThatNamesHaveNotCostsNoAnswerOfWhatTheyHave() {
        Name one = Name.fromConstantString("static.kingcdn.example.");
        Name other = Name.fromConstantString("alias.kingcdn.example.");
        int[] types = {Type.A, Type.AAAA, Type.TXT, Type.HTTPS};
        for (int type : types) {
            ask(one, type);
        }
        ask(other, Type.CNAME);
        for (int type = FIRST_UNASSIGNED; type <= LAST; type++) {
            ask(one, type);
            ask(other, type);
        }
        for (int type : types) {
            assertThat(ready(one, type)).as(Type.string(type)).isNotNull();
        }
        assertThat(ready(other, Type.CNAME)).isNotNull();
        assertThat(ready(one, LAST)).as("kept too, while there is room").isNotNull();
    }
}
