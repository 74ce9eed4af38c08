package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.BearerToken;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What one edge believes another. */
class PeerSealTest {

    private static final long NOW = 1_800_000_000L;
    private static final String HOST = "video.netcinema.example";
    private static final Peer PEER = new Peer("nyc-2", Tier.SIBLING, 42, "https");

    private final PeerSeal seal = new PeerSeal(BearerToken.of("0123456789abcdef0123"));
    private final String sealed = seal.seal(PEER, "GET", "Video.NetCinema.example", "/a?b", NOW);

    @Test
    void whatIsSealedIsBelieved() {
        assertThat(sealed).startsWith("nyc-2; as=sibling; sequence=42; scheme=https; at=1800000000; mac=:");
        assertThat(seal.open(sealed, "GET", HOST, "/a?b", NOW)).isEqualTo(PEER);
        assertThat(seal.open(sealed, "GET", HOST, "/a?b", NOW + PeerSeal.SKEW_SECONDS))
                .isEqualTo(PEER);
        Peer child = new Peer("nyc-2", Tier.PARENT, 0, "http");
        assertThat(seal.open(seal.seal(child, "GET", HOST, "/", NOW), "GET", HOST, "/", NOW))
                .isEqualTo(child);
    }

    @Test
    void whatIsMeantForAnotherRequestIsNot() {
        assertThat(seal.open(sealed, "HEAD", HOST, "/a?b", NOW)).isNull();
        assertThat(seal.open(sealed, "GET", "other.example", "/a?b", NOW)).isNull();
        assertThat(seal.open(sealed, "GET", HOST, "/a?c", NOW)).isNull();
        assertThat(seal.open(sealed, "GET", HOST, "/a?b", NOW + PeerSeal.SKEW_SECONDS + 1))
                .isNull();
        assertThat(seal.open(sealed, "GET", HOST, "/a?b", NOW - PeerSeal.SKEW_SECONDS - 1))
                .isNull();
    }

    @Test
    void whatAnotherTokenSealsIsNot() {
        PeerSeal other = new PeerSeal(BearerToken.of("another0123456789abc"));
        assertThat(other.open(sealed, "GET", HOST, "/a?b", NOW)).isNull();
    }

    /** Else siblings would not help each other while a token is replaced. */
    @Test
    void whatEitherOfTwoTokensSealsIs() {
        PeerSeal both = new PeerSeal(BearerToken.of("another0123456789abc\n0123456789abcdef0123"));
        assertThat(both.open(sealed, "GET", HOST, "/a?b", NOW)).isEqualTo(PEER);
        PeerSeal other = new PeerSeal(BearerToken.of("another0123456789abc"));
        assertThat(other.open(both.seal(PEER, "GET", HOST, "/", NOW), "GET", HOST, "/", NOW))
                .isEqualTo(PEER);
    }

    @Test
    void whatWasChangedIsNot() {
        assertThat(seal.open(sealed.replace("sequence=42", "sequence=41"), "GET", HOST, "/a?b", NOW))
                .isNull();
        assertThat(seal.open(sealed.replace("sibling", "parent"), "GET", HOST, "/a?b", NOW))
                .isNull();
        assertThat(seal.open(sealed.replace("https", "http"), "GET", HOST, "/a?b", NOW))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nyc-2", "nyc-2; as=sibling; sequence=42; scheme=https; at=1800000000", "x; mac=::"})
    void nonsenseIsNot(String value) {
        assertThat(seal.open(value, "GET", HOST, "/a?b", NOW)).isNull();
    }

    @Test
    void theTokenDoesNotShow() {
        assertThat(sealed).doesNotContain("0123456789abcdef");
    }
}
