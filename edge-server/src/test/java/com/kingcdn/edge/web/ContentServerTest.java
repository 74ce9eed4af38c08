package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.limits.OpenFiles;
import org.junit.jupiter.api.Test;

/** How many connections a content server takes. */
class ContentServerTest {

    @Test
    void clientsLeaveFilesForOriginsAndTheDisk() {
        assertThat(ContentServer.connections(100_000, 20_000)).isEqualTo(15_000);
        assertThat(ContentServer.connections(100_000, 1_048_576)).isEqualTo(100_000);
        assertThat(ContentServer.connections(100_000, Integer.MAX_VALUE)).isEqualTo(100_000);
        assertThat(ContentServer.connections(1, 1)).isEqualTo(1);
    }

    @Test
    void theMachineSaysHowManyFilesMayBeOpen() {
        assertThat(OpenFiles.most()).isBetween(1, Integer.MAX_VALUE);
    }
}
