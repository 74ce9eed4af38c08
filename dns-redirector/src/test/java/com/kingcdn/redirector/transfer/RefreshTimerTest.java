package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.RemoteServer;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.SOARecord;

/** RFC 1035 section 3.3.13, RFC 1996 section 3.11: when a copied zone is looked after. */
class RefreshTimerTest {

    private static final Name ORIGIN = Name.fromConstantString("z.example.");
    private static final SOARecord SOA = new SOARecord(ORIGIN, DClass.IN, 60, ORIGIN, ORIGIN, 1, 7200, 900, 86_400, 60);
    private static final List<RemoteServer> PRIMARIES = List.of(server(53), server(54));
    private static final long NOW = 1_000_000_000;

    private final RefreshTimer timer = new RefreshTimer();

    private static RemoteServer server(int port) {
        return new RemoteServer(new InetSocketAddress("192.0.2.1", port), null);
    }

    private @Nullable RemoteServer begin() {
        return timer.begin(PRIMARIES, primary -> true, NOW);
    }

    private void round(@Nullable SOARecord soa, boolean confirmed, long now) {
        assertThat(timer.isDue(now)).isTrue();
        assertThat(begin()).isNotNull();
        assertThat(timer.isDue(now)).as("while somebody looks after it").isFalse();
        timer.end(soa, confirmed ? (Long) now : null, PRIMARIES.size(), now);
    }

    @Test
    void asksAgainAfterRefreshAndAfterRetry() {
        round(SOA, true, NOW);
        assertThat(timer.isDue(NOW + 7_199_999)).isFalse();
        long due = NOW + 7_200_000;
        round(SOA, false, due);
        assertThat(timer.isDue(due)).as("the other primary, at once").isTrue();
        round(SOA, false, due);
        assertThat(timer.isDue(due + 899_999)).isFalse();
        assertThat(timer.isDue(due + 900_000)).isTrue();
    }

    /** RFC 1035 section 3.3.13 sets no order among the three: whoever asks too seldom must not lose the copy for that. */
    @Test
    void asksAgainBeforeTheCopyExpiresHoweverLongTheSoaHasItWait() {
        SOARecord brief = new SOARecord(ORIGIN, DClass.IN, 60, ORIGIN, ORIGIN, 1, 86_400, 86_400, 600, 60);
        round(brief, true, NOW);
        assertThat(timer.isDue(NOW + 299_999)).isFalse();
        long due = NOW + 300_000;
        round(brief, false, due);
        round(brief, false, due);
        assertThat(timer.isDue(due + 149_999)).isFalse();
        assertThat(timer.isDue(due + 150_000)).as("half of what is left").isTrue();
        long last = NOW + 599_000;
        round(brief, false, last);
        round(brief, false, last);
        assertThat(timer.isDue(last + 4_999)).isFalse();
        assertThat(timer.isDue(last + 5_000)).isTrue();
        assertThat(timer.hasExpired(brief, last + 5_000)).isTrue();
    }

    @Test
    void asksEachPrimaryInItsTurnAndThoseThatAreFreeBefore() {
        assertThat(begin()).isEqualTo(PRIMARIES.get(0));
        timer.end(null, null, 2, NOW);
        assertThat(begin()).isEqualTo(PRIMARIES.get(1));
        timer.end(SOA, NOW, 2, NOW);
        assertThat(timer.begin(PRIMARIES, primary -> !primary.equals(PRIMARIES.get(0)), NOW))
                .isEqualTo(PRIMARIES.get(1));
        timer.end(SOA, NOW, 2, NOW);
        assertThat(timer.begin(PRIMARIES, primary -> false, NOW)).isNull();
        assertThat(timer.isDue(NOW + 7_200_000)).as("nobody was to be had").isTrue();
    }

    /** RFC 7314 section 4: a copy that confirms another is good for no longer than before. */
    @Test
    void whoHasACopyConfirmsItAsOfThen() {
        assertThat(begin()).isNotNull();
        timer.end(SOA, NOW - 1_000, 2, NOW);
        assertThat(timer.confirmedAtMillis()).isEqualTo(NOW - 1_000);
        assertThat(timer.begin(PRIMARIES, primary -> true, NOW)).isNotNull();
        timer.end(SOA, NOW - 5_000, 2, NOW + 3_000);
        assertThat(timer.confirmedAtMillis()).as("another knew better").isEqualTo(NOW - 1_000);
        assertThat(timer.hasExpired(SOA, NOW - 1_000 + 86_400_001)).isTrue();
    }

    /** It says of itself that its copy grows old: ours would expire with it while the zone's owner is there. */
    @Test
    void asksTheOthersToo_whenOneConfirmsThatHasLostItsOwnPrimary() {
        long lost = NOW - 8_100_001;
        assertThat(begin()).isEqualTo(PRIMARIES.get(0));
        timer.end(SOA, lost, 2, NOW);
        assertThat(timer.isDue(NOW)).isTrue();
        assertThat(begin()).isEqualTo(PRIMARIES.get(1));
        timer.end(SOA, NOW, 2, NOW);
        assertThat(timer.confirmedAtMillis()).isEqualTo(NOW);
        assertThat(timer.isDue(NOW + 7_199_999)).isFalse();

        assertThat(begin()).isEqualTo(PRIMARIES.get(0));
        timer.end(SOA, lost, 2, NOW);
        assertThat(begin()).isEqualTo(PRIMARIES.get(1));
        timer.end(SOA, null, 2, NOW);
        assertThat(timer.isDue(NOW + 899_999)).as("all have been asked").isFalse();
        assertThat(timer.isDue(NOW + 900_000)).isTrue();
    }

    @Test
    void asksEverMoreSeldomForAZoneThatNeverCame() {
        long now = NOW;
        for (long wait : new long[] {5_000, 10_000, 20_000, 40_000, 80_000, 80_000}) {
            round(null, false, now);
            round(null, false, now);
            assertThat(timer.isDue(now + wait - 1)).isFalse();
            now += wait;
        }
    }

    @Test
    void takesNoticesAtMostOnceASecond() {
        round(SOA, true, NOW);
        assertThat(timer.notified(NOW + 10, PRIMARIES.get(0))).isFalse();
        assertThat(timer.isDue(NOW + 999)).isFalse();
        assertThat(timer.isDue(NOW + RefreshTimer.NOTICE_MILLIS)).isTrue();
        assertThat(timer.notified(NOW + 5_000, PRIMARIES.get(0))).isTrue();
        assertThat(begin()).isNotNull();
        assertThat(timer.notified(NOW + 5_001, PRIMARIES.get(0)))
                .as("it is under way")
                .isFalse();
        timer.end(SOA, NOW + 6_000, 2, NOW + 6_000);
        assertThat(timer.isDue(NOW + 7_000))
                .as("what changed meanwhile may have come too late")
                .isTrue();
    }

    /** RFC 1996 section 3.11: the others may not have the change yet. */
    @Test
    void asksTheSenderOfANoticeFirstAndThenAllInTheirTurn() {
        round(SOA, true, NOW);
        timer.notified(NOW + 5_000, PRIMARIES.get(1));
        assertThat(begin()).isEqualTo(PRIMARIES.get(1));
        // as anybody can send them in its name, without end
        timer.notified(NOW + 5_001, PRIMARIES.get(1));
        timer.end(SOA, null, 2, NOW + 10_000);
        assertThat(timer.isDue(NOW + 10_000)).isTrue();
        timer.notified(NOW + 10_000, PRIMARIES.get(1));
        assertThat(begin()).as("those that are left").isEqualTo(PRIMARIES.get(0));
        timer.end(SOA, null, 2, NOW + 15_000);
        assertThat(begin()).as("in its turn").isEqualTo(PRIMARIES.get(1));
        timer.notified(NOW + 15_001, PRIMARIES.get(1));
        timer.notified(NOW + 15_002, PRIMARIES.get(1));
        timer.end(SOA, null, 2, NOW + 20_000);
        assertThat(timer.isDue(NOW + 20_999)).isFalse();
        assertThat(timer.isDue(NOW + 21_000))
                .as("notices that came meanwhile are one")
                .isTrue();
        assertThat(begin()).isEqualTo(PRIMARIES.get(1));
        timer.end(SOA, NOW + 21_000, 2, NOW + 21_000);
        assertThat(timer.isDue(NOW + 22_000)).isFalse();
        assertThat(timer.isDue(NOW + 21_000 + 7_200_000)).isTrue();
        assertThat(begin()).as("without a notice").isEqualTo(PRIMARIES.get(0));
    }

    /** A forged notice in the name of one that is behind must not hide that of the one that has the change. */
    @Test
    void asksAllWhoGaveNotice() {
        round(SOA, true, NOW);
        timer.notified(NOW + 5_000, PRIMARIES.get(1));
        timer.notified(NOW + 5_001, PRIMARIES.get(0));
        timer.notified(NOW + 5_002, PRIMARIES.get(1));
        assertThat(begin()).isEqualTo(PRIMARIES.get(1));
        timer.notified(NOW + 5_003, PRIMARIES.get(1));
        timer.end(SOA, NOW + 5_004, 2, NOW + 5_004);
        assertThat(timer.isDue(NOW + 6_004)).isTrue();
        assertThat(begin()).isEqualTo(PRIMARIES.get(0));
    }

    /** As when one primary gives notice of all zones at a time. */
    @Test
    void waitsForTheSenderOfANoticeForAWhileWhenItIsBusy() {
        round(SOA, true, NOW);
        RemoteServer sender = PRIMARIES.get(1);
        long notice = NOW + 5_000;
        long patience = RefreshTimer.PATIENCE_MILLIS;
        timer.notified(notice, sender);
        assertThat(timer.begin(PRIMARIES, primary -> !primary.equals(sender), notice))
                .isNull();
        assertThat(timer.begin(PRIMARIES, primary -> !primary.equals(sender), notice + patience - 1))
                .isNull();
        assertThat(timer.isDue(notice + patience)).isTrue();
        assertThat(timer.begin(PRIMARIES, primary -> !primary.equals(sender), notice + patience))
                .isEqualTo(PRIMARIES.get(0));
        timer.end(SOA, notice + patience, 2, notice + patience);
        assertThat(timer.isDue(notice + patience + RefreshTimer.NOTICE_MILLIS)).isFalse();
    }

    @Test
    void forgetsTheSenderOfANoticeThatIsNoPrimaryAnyMore() {
        round(SOA, true, NOW);
        timer.notified(NOW + 5_000, server(55));
        assertThat(begin()).isEqualTo(PRIMARIES.get(0));
        timer.end(SOA, NOW + 5_000, 2, NOW + 5_000);
        assertThat(timer.isDue(NOW + 6_000)).isFalse();
    }

    @Test
    void expiresAsTheSoaSaysHoweverTheClockIsSet() {
        timer.confirmed(NOW);
        assertThat(timer.hasExpired(SOA, NOW + 86_400_000)).isFalse();
        assertThat(timer.hasExpired(SOA, NOW + 86_400_001)).isTrue();
        assertThat(timer.hasExpired(SOA, NOW - 1_000_000)).isFalse();
        assertThat(timer.hasExpired(SOA, NOW - 1_000_000 + 86_400_001))
                .as("a clock that was set back makes no copy last longer")
                .isTrue();
        round(SOA, true, NOW);
        assertThat(timer.isDue(NOW - 2 * 86_400_000L))
                .as("no wait is as long as that")
                .isTrue();
    }

    /** A refresh of two hours must not wait for fourteen. */
    @Test
    void isNotPutOffByAClockThatIsSetBack() {
        round(SOA, true, NOW);
        long back = NOW - 43_200_000;
        round(SOA, true, back);
        assertThat(timer.isDue(back + 7_199_999)).isFalse();
        assertThat(timer.isDue(back + 7_200_000)).isTrue();
    }
}
