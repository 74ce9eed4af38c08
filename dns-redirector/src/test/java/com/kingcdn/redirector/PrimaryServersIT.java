package com.kingcdn.redirector;

import static com.kingcdn.redirector.ZoneTransferSetup.data;
import static com.kingcdn.redirector.ZoneTransferSetup.rcode;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** The redirector as a secondary: it copies a customer's zone from Knot and from BIND. */
@Timeout(120)
final class PrimaryServersIT {

    @TempDir
    Path directory;

    private ZoneTransferSetup setup;

    @BeforeEach
    void write() throws IOException {
        setup = ZoneTransferSetup.write(directory);
        setup.copyCustomerZone();
    }

    /** Starts the customer's name server; told where ours is, for its notices. */
    @FunctionalInterface
    private interface Primary {
        ServerProcess start(int redirector) throws IOException;
    }

    @Test
    void copiesAKnotPrimaryAndServesTheCopyAfterARestart() throws Exception {
        copies(setup.peers()::knotPrimary, "IXFR, outgoing");
    }

    @Test
    void copiesABindPrimaryAndServesTheCopyAfterARestart() throws Exception {
        copies(setup.peers()::bindPrimary, "IXFR started");
    }

    /** RFC 1996 sections 3.7 and 3.10, RFC 1995, RFC 5936: a zone of many messages, then a change of it. */
    private void copies(Primary started, String increment) throws Exception {
        try (RunningRedirector redirector = setup.start()) {
            assertThat(rcode(redirector.dns(), "www.customer.example."))
                    .as("ours, and not there yet")
                    .isEqualTo(Rcode.SERVFAIL);
            try (ServerProcess primary = started.start(redirector.dns().getPort())) {
                await("the copy is there").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                                data(redirector.dns(), "www.customer.example.", Type.A))
                        .as(primary.log())
                        .containsExactly("127.0.1.1"));
                assertThat(data(redirector.dns(), "t" + (PeerServers.TEXTS - 1) + ".customer.example.", Type.TXT))
                        .hasSize(1);
                setup.knsupdate(
                        setup.peer(),
                        "customer.example.",
                        "update add new.customer.example. 60 A 192.0.2.9",
                        "update delete t0.customer.example. TXT");
                await("the change is there, by notice and increment")
                        .atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(data(redirector.dns(), "new.customer.example.", Type.A))
                                .as(primary.log())
                                .containsExactly("192.0.2.9"));
                assertThat(rcode(redirector.dns(), "t0.customer.example.")).isEqualTo(Rcode.NXDOMAIN);
                assertThat(primary.log()).contains(increment);
            }
            assertThat(notify(redirector)).as("signed by nobody").isEqualTo(Rcode.REFUSED);
        }
        try (RunningRedirector redirector = setup.start()) {
            assertThat(data(redirector.dns(), "new.customer.example.", Type.A))
                    .as("without its primary")
                    .containsExactly("192.0.2.9");
        }
    }

    private static int notify(RunningRedirector redirector) throws IOException {
        Message notice = Message.newQuery(Record.newRecord(Name.fromString("customer.example."), Type.SOA, DClass.IN));
        notice.getHeader().setOpcode(Opcode.NOTIFY);
        return new SimpleResolver(redirector.dns()).send(notice).getRcode();
    }
}
