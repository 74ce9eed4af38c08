package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every form of the store promises. */
@Timeout(30)
abstract class ControlStoreContract {

    /** A state that only lists what it is told. */
    static final class Recorded implements ControlState {

        final List<ControlChange> applied = new CopyOnWriteArrayList<>();

        @Override
        public void apply(ControlChange change) {
            applied.add(change);
        }

        @Override
        public List<ControlChange> changes() {
            return List.copyOf(applied);
        }
    }

    private final List<ControlStore> opened = new ArrayList<>();

    abstract ControlStore store();

    final Recorded open(ControlStore store) {
        Recorded state = new Recorded();
        store.open(state);
        opened.add(store);
        return state;
    }

    static ControlChange change(int number) {
        return new ControlChange.ClusterRemoved("cluster-" + number);
    }

    @AfterEach
    void close() {
        opened.forEach(ControlStore::close);
    }

    @Test
    void aChangeIsAppliedWhenItIsAcknowledged() throws Exception {
        ControlStore store = store();
        Recorded state = open(store);

        store.append(change(1)).get(10, TimeUnit.SECONDS);

        assertThat(state.applied).containsExactly(change(1));
    }

    @Test
    void changesAreAppliedInTheOrderOfTheirAppends() throws Exception {
        ControlStore store = store();
        Recorded state = open(store);
        List<ControlChange> changes =
                IntStream.range(0, 500).mapToObj(ControlStoreContract::change).toList();

        CompletableFuture<?>[] done = changes.stream().map(store::append).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(done).get(20, TimeUnit.SECONDS);

        assertThat(state.applied).containsExactlyElementsOf(changes);
    }

    @Test
    void aClosedStoreRefuses() {
        ControlStore store = store();
        open(store);
        store.close();

        assertThatThrownBy(() -> store.append(change(1)))
                .isInstanceOfSatisfying(ControlStoreException.class, e -> assertThat(e.kind())
                        .isEqualTo(ControlStoreException.Kind.STOPPED));
    }
}
