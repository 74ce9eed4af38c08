package com.kingcdn.redirector;

import static com.kingcdn.redirector.ZoneTransferSetup.data;
import static com.kingcdn.redirector.ZoneTransferSetup.kdig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Message;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** The redirector as a primary: Knot and BIND follow it (RFC 1995, RFC 1996, RFC 5936), by a key (RFC 8945). */
@Timeout(120)
final class SecondaryServersIT {

    @TempDir
    Path directory;

    private ZoneTransferSetup setup;

    @BeforeEach
    void write() throws IOException {
        setup = ZoneTransferSetup.write(directory);
    }

    @Test
    void aKnotSecondaryFollows() throws Exception {
        try (RunningRedirector redirector = setup.start();
                ServerProcess knot =
                        setup.peers().knotSecondary(redirector.dns().getPort())) {
            followsFileAndUpdate(redirector, knot);
            assertThat(knot.log()).contains("AXFR, incoming", "IXFR, incoming");
        }
    }

    @Test
    void aBindSecondaryFollows() throws Exception {
        try (RunningRedirector redirector = setup.start();
                ServerProcess bind =
                        setup.peers().bindSecondary(redirector.dns().getPort())) {
            followsFileAndUpdate(redirector, bind);
            assertThat(bind.log()).contains("Transfer status: success");
        }
    }

    private void followsFileAndUpdate(RunningRedirector redirector, ServerProcess server) throws Exception {
        await("the zone is there")
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    assertThat(data(setup.peer(), "ns1.kingcdn.example.", Type.A))
                            .as(server.log())
                            .containsExactly("127.0.0.1");
                });
        assertThat(data(setup.peer(), "a1105.kingcdn.example.", Type.A))
                .as("without a map: the first cluster")
                .containsExactly("127.0.1.1");

        assertThat(setup.nsupdate(redirector, "update add dyn.kingcdn.example. 60 A 192.0.2.77"))
                .isEmpty();
        assertThat(data(redirector.dns(), "dyn.kingcdn.example.", Type.A))
                .as("served when the update is answered")
                .containsExactly("192.0.2.77");
        await("the update is there").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        data(setup.peer(), "dyn.kingcdn.example.", Type.A))
                .as(server.log())
                .containsExactly("192.0.2.77"));
    }

    /** RFC 1996 section 4.1: whoever is told of a version, and asks at once, gets it. */
    @Test
    void noticesComeWhenTheChangeIsServed() throws Exception {
        try (RunningRedirector redirector = setup.start();
                DatagramSocket told = new DatagramSocket(setup.peer())) {
            told.setSoTimeout(20_000);
            for (int i = 0; i < 10; i++) {
                assertThat(setup.nsupdate(redirector, "update add n" + i + ".kingcdn.example. 60 A 192.0.2.77"))
                        .isEmpty();
                DatagramPacket packet = new DatagramPacket(new byte[1232], 1232);
                told.receive(packet);
                long served = serial(data(redirector.dns(), "kingcdn.example.", Type.SOA));
                Message notice = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
                assertThat(notice.getHeader().getOpcode()).isEqualTo(Opcode.NOTIFY);
                assertThat(served)
                        .isGreaterThanOrEqualTo(serial(notice.getSection(Section.ANSWER).stream()
                                .map(Record::rdataToString)
                                .toList()));
            }
        }
    }

    private static long serial(List<String> soa) {
        return Long.parseLong(soa.get(0).split(" ")[2]);
    }

    @Test
    void transfersNeedTheKeyAndARuleOfTheZone() throws Exception {
        try (RunningRedirector redirector = setup.start()) {
            assertThat(kdig(redirector, "kingcdn.example", "AXFR")).contains("REFUSED");
            assertThat(kdig(redirector, "-k", setup.knotKey(), "kingcdn.example", "AXFR"))
                    .contains("a1105.kingcdn.example.", "ns1.kingcdn.example.")
                    .doesNotContain("REFUSED", "WARNING", ";; ERROR");
            assertThat(kdig(redirector, "-k", setup.knotKey(), "netcinema.example", "AXFR"))
                    .as("no rule for this zone")
                    .contains("REFUSED");
        }
    }

    @Test
    void answersAreSignedWithTheKeyOfTheQuery_rfc8945_5() throws Exception {
        try (RunningRedirector redirector = setup.start()) {
            assertThat(kdig(redirector, "-k", setup.knotKey(), "ns1.kingcdn.example", "A"))
                    .contains("NOERROR", "TSIG", "127.0.0.1")
                    .doesNotContain("WARNING", ";; ERROR");
            String wrong = "hmac-sha256:xfr:" + "d3Jvbmcgc2VjcmV0IG9mIHR3ZW50eSBieXRlcw==";
            assertThat(kdig(redirector, "-y", wrong, "kingcdn.example", "SOA")).contains("BADSIG");
            String unknown = "hmac-sha256:other:" + ZoneTransferSetup.SECRET;
            assertThat(kdig(redirector, "-y", unknown, "kingcdn.example", "SOA"))
                    .contains("BADKEY");
        }
    }
}
