package com.kingcdn.redirector.transfer;

import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.registry.RemoteServer;
import com.kingcdn.redirector.registry.ZonePolicy;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/** What becomes of notices (RFC 1996 section 3.6). */
class NotifierTest {

    private static final ZoneContent ZONE = ZoneFile.parse(
            "z.example", "$TTL 60\n@ SOA ns1 host 1 7200 900 86400 60\n@ NS ns1\nns1 A 192.0.2.1\n", Path.of("zone"));

    @ParameterizedTest
    @CsvSource({"NOERROR, answered", "NOTAUTH, refused", "REFUSED, refused"})
    void countsWhetherTheyWereTaken(String rcode, String result) throws IOException {
        double before = count(result);
        try (DatagramSocket secondary = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                Notifier notifier = new Notifier(() -> new TsigKeys(List.of()))) {
            notifier.changed(new LiveZone(
                    ServedZone.Kind.PRIMARY,
                    new ZonePolicy(
                            List.of(),
                            List.of(new RemoteServer((InetSocketAddress) secondary.getLocalSocketAddress(), null)),
                            List.of()),
                    ZONE,
                    ZONE,
                    ZONE,
                    List.of(),
                    Set.of()));
            answer(secondary, Rcode.value(rcode));
            await(result).atMost(Duration.ofSeconds(20)).until(() -> count(result) == before + 1);
        }
    }

    private static void answer(DatagramSocket secondary, int rcode) throws IOException {
        secondary.setSoTimeout(20_000);
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        secondary.receive(packet);
        Message answer = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setRcode(rcode);
        byte[] wire = answer.toWire();
        secondary.send(new DatagramPacket(wire, wire.length, packet.getSocketAddress()));
    }

    private static double count(String result) {
        @Nullable
        Double count = CollectorRegistry.defaultRegistry.getSampleValue(
                "kingcdn_redirector_notifies_total", new String[] {"result"}, new String[] {result});
        return count == null ? 0 : count;
    }
}
