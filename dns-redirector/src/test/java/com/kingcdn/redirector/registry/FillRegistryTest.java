package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.control.FillProgress.State;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What edges say of fills, and what of it goes to the disk. */
class FillRegistryTest {

    private static final FillPlan PLAN = new FillPlan("a1105", List.of("/film"), null, null, null, 0);

    private final SlowControlStore store = new SlowControlStore();
    private final Registries registries = new Registries(store, Clock.systemUTC());
    private final FillRegistry fills = registries.fills();
    private String id = "";

    @BeforeEach
    void open() {
        store.open(registries);
        id = fills.accept(PLAN, 1_000).join().id();
    }

    private FillProgress progress(State state, long bytes) {
        return new FillProgress(id, state, 1, 0, 1, bytes, null);
    }

    private void report(FillProgress progress) {
        assertThat(fills.report("fra-1", "fra", List.of(progress))).isCompleted();
    }

    @Test
    void writesAnEndOnceHoweverOftenItIsReported() {
        int before = store.appended();
        for (int i = 0; i < 5; i++) {
            report(progress(State.DONE, 10));
        }
        assertThat(store.appended()).isEqualTo(before + 1);
        report(progress(State.FAILED, 10));
        assertThat(store.appended()).as("another end").isEqualTo(before + 2);
        assertThat(fills.find(id).orElseThrow().progress())
                .extracting(node -> node.progress().state())
                .containsExactly(State.FAILED);
    }

    @Test
    void acknowledgesAnEndOnlyWhenItIsDurable() {
        store.slow();
        var first = fills.report("fra-1", "fra", List.of(progress(State.DONE, 10)));
        var again = fills.report("fra-1", "fra", List.of(progress(State.DONE, 10)));
        assertThat(first).isNotDone();
        assertThat(again).isNotDone();
        store.write();
        assertThat(first).isCompleted();
        assertThat(again).isCompleted();
    }

    @Test
    void keepsProgressOnTheWayInMemory() {
        int before = store.appended();
        report(progress(State.RUNNING, 1));
        report(progress(State.RUNNING, 2));
        assertThat(store.appended()).isEqualTo(before);
        assertThat(fills.find(id).orElseThrow().progress())
                .extracting(node -> node.progress().bytes())
                .containsExactly(2L);
    }
}
