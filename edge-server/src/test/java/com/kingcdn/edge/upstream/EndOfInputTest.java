package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 9112 sections 8 and 9.8: which end of a connection is that of the content. */
class EndOfInputTest {

    private final EndOfInput open = new EndOfInput(false);
    private final EndOfInput secure = new EndOfInput(true);

    @Test
    void anEndIsOfTheContentUnlessItIsNotTheEndpoints() {
        assertThat(open.isOfContent()).isTrue();
        open.cutOff();
        assertThat(open.isOfContent()).isFalse();
    }

    @Test
    void overTlsAnEndIsToBeAnnounced() {
        assertThat(secure.isOfContent()).isFalse();
        secure.notified(true);
        assertThat(secure.isOfContent()).isTrue();
    }

    /** With TLS 1.2 nothing can be sent behind the endpoint's announcement. */
    @Test
    void whatCannotBeSentBehindAnAnnouncedEndChangesNothing() {
        secure.notified(true);
        secure.cutOff();
        assertThat(secure.isOfContent()).isTrue();
        assertThat(secure.isNear()).isTrue();
    }

    @Test
    void anEndThatIsAnnouncedOnceNothingCanBeSentIsNotTheContents() {
        secure.cutOff();
        secure.notified(true);
        assertThat(secure.isOfContent()).isFalse();
    }
}
