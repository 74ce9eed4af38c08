package com.kingcdn.redirector;

import static com.kingcdn.redirector.ZoneTransferSetup.data;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;

/** Updates of a zone (RFC 2136) by nsupdate, by knsupdate, and by many clients at once. */
@Timeout(120)
final class DynamicUpdateIT {

    private static final int BURST = 100;

    @TempDir
    Path directory;

    private ZoneTransferSetup setup;

    @BeforeEach
    void write() throws IOException {
        setup = ZoneTransferSetup.write(directory);
    }

    @Test
    void updatesSurviveARestartAndEditsOfTheFile() throws Exception {
        String serial;
        try (RunningRedirector redirector = setup.start()) {
            assertThat(setup.nsupdate(
                            redirector,
                            "update add dyn.kingcdn.example. 60 TXT \"one two\"",
                            "update delete ns9.kingcdn.example. A"))
                    .isEmpty();
            setup.knsupdate(
                    redirector.dns(),
                    "kingcdn.example.",
                    "prereq yxrrset dyn.kingcdn.example. TXT",
                    "update add knot.kingcdn.example. 60 AAAA 2001:db8::7");
            serial = data(redirector.dns(), "kingcdn.example.", Type.SOA).get(0);
            assertThat(serial).contains(" 3 7200");
        }
        try (RunningRedirector redirector = setup.start()) {
            assertThat(data(redirector.dns(), "kingcdn.example.", Type.SOA)).containsExactly(serial);
            Files.writeString(
                    directory.resolve("kingcdn.example.zone"),
                    Files.readString(directory.resolve("kingcdn.example.zone")) + "new IN A 192.0.2.8\n");
            await("the edited file is served").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                            data(redirector.dns(), "new.kingcdn.example.", Type.A))
                    .containsExactly("192.0.2.8"));
            assertThat(data(redirector.dns(), "dyn.kingcdn.example.", Type.TXT)).containsExactly("\"one two\"");
            assertThat(data(redirector.dns(), "knot.kingcdn.example.", Type.AAAA))
                    .containsExactly("2001:db8:0:0:0:0:0:7");
            assertThat(data(redirector.dns(), "kingcdn.example.", Type.SOA))
                    .singleElement()
                    .asString()
                    .contains(" 4 7200");
        }
    }

    @Test
    void manyUpdatesAtOnceAreEachServedWhenTheyAreAnswered() throws Exception {
        TSIG key = new TSIG(TSIG.HMAC_SHA256, Name.fromConstantString("xfr."), ZoneTransferSetup.SECRET);
        try (RunningRedirector redirector = setup.start()) {
            SimpleResolver updater = new SimpleResolver(redirector.dns());
            updater.setTSIGKey(key);
            updater.setTimeout(Duration.ofSeconds(20));
            double compiled = compilations();
            List<CompletableFuture<Integer>> answered = new ArrayList<>();
            for (int i = 0; i < BURST; i++) {
                String name = "u" + i + ".kingcdn.example.";
                Message update = Message.newUpdate(Name.fromString("kingcdn.example."));
                update.addRecord(
                        Record.fromString(Name.fromString(name), Type.A, DClass.IN, 60, "192.0.2.5", Name.root),
                        Section.UPDATE);
                answered.add(updater.sendAsync(update).toCompletableFuture().thenApplyAsync(answer -> {
                    assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
                    return found(redirector.dns(), name);
                }));
            }
            for (CompletableFuture<Integer> one : answered) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            }
            assertThat(compilations() - compiled).as("compilations").isLessThan(BURST);
        }
    }

    private static int found(InetSocketAddress server, String name) {
        try {
            return data(server, name, Type.A).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double compilations() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_snapshot_compile_seconds_count");
    }

    @Test
    void refusesNamesOfTheMappingAndOutsideTheRule() throws Exception {
        try (RunningRedirector redirector = setup.start()) {
            assertThat(setup.nsupdate(redirector, "update add a1105.kingcdn.example. 60 A 192.0.2.66"))
                    .contains("REFUSED");
            assertThat(setup.nsupdate(redirector, "update add kingcdn.example. 60 TXT x"))
                    .as("the rule names what is below the zone only")
                    .contains("REFUSED");
            assertThat(setup.nsupdate(
                            redirector,
                            "prereq nxdomain ns1.kingcdn.example.",
                            "update add x.kingcdn.example. 60 A 192.0.2.6"))
                    .contains("YXDOMAIN");
        }
    }
}
