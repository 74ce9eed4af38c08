package com.kingcdn.redirector.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.AccessRule;
import com.kingcdn.redirector.registry.KeySource;
import com.kingcdn.redirector.registry.ZonePolicy;
import com.kingcdn.redirector.zone.InvalidZoneException;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ZoneContent;
import com.kingcdn.redirector.zone.ZoneFile;
import com.kingcdn.redirector.zone.ZoneFileException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** Tens of thousands of updates, signatures and zone files that nobody would send, the same ones each time. */
class ZoneRequestFuzzTest {

    private static final String TEXT =
            "$TTL 300\n@ SOA ns1 host 7 7200 900 1209600 60\n@ NS ns1\nns1 A 192.0.2.1\nw A 192.0.2.2\n$GENERATE 1-3 h$ A 192.0.2.$\n";
    private static final ZoneContent ZONE = ZoneFile.parse("z.example", TEXT, Path.of("z.zone"));
    private static final TsigKeys KEYS = new TsigKeys(
            List.of(new KeySource("k", "hmac-sha256", Path.of("k"), "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz")));
    private static final AccessRule ALL = new AccessRule("k", List.of(), List.of());

    @Test
    void updatesAndSignaturesAreAnsweredWhateverTheyAre() throws Exception {
        Random random = new Random(20260102);
        byte[] plain = update().toWire();
        Message signed = update();
        signed.setTSIG(Objects.requireNonNull(KEYS.find("k")));
        byte[] seed = signed.toWire();
        int read = 0;
        for (int i = 0; i < 40_000; i++) {
            byte[] bytes = mutate(i % 2 == 0 ? plain : seed, random);
            try {
                ZoneRequest request = ZoneRequest.read(bytes, InetAddress.getLoopbackAddress(), i % 3 == 0, KEYS);
                read++;
                assertThat(request.write(Rcode.NOTAUTH).length).isLessThanOrEqualTo(request.limit());
                if (request.signer() != null) {
                    assertThat(request.message().getSection(Section.UPDATE))
                            .as("a changed message is signed by nobody")
                            .isEqualTo(signed.getSection(Section.UPDATE));
                }
                apply(request.message());
            } catch (IOException e) {
                assertThat(e).as("answered FORMERR").isNotNull();
            }
        }
        assertThat(read).isGreaterThan(1_000);
    }

    private static void apply(Message message) {
        LiveZone zone = new LiveZone(ServedZone.Kind.PRIMARY, ZonePolicy.CLOSED, ZONE, ZONE, ZONE, List.of(), Set.of());
        try {
            UpdatePrerequisites.check(ZONE, message.getSection(Section.PREREQ));
            ZoneContent changed = ZONE.with(ZoneUpdate.of(zone, ALL, message.getSection(Section.UPDATE)));
            assertThat(changed.soa()).isNotNull();
        } catch (UpdateRefusal | InvalidZoneException e) {
            assertThat(ZONE.size()).as("nothing has changed").isEqualTo(7);
        }
    }

    @Test
    void zoneFilesAreTakenOrRefused() {
        Random random = new Random(20260103);
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = mutate(TEXT.getBytes(StandardCharsets.US_ASCII), random);
            try {
                ZoneFile.parse("z.example", new String(bytes, StandardCharsets.ISO_8859_1), Path.of("z.zone"));
                taken++;
            } catch (ZoneFileException e) {
                assertThat(e).hasMessageContaining("z.zone");
            }
        }
        assertThat(taken).isBetween(1, 19_999);
    }

    private static Message update() throws IOException {
        Name origin = ZONE.origin();
        Message update = Message.newUpdate(origin);
        update.addRecord(Record.newRecord(Name.fromString("w", origin), 255, DClass.ANY, 0), Section.PREREQ);
        update.addRecord(
                new ARecord(Name.fromString("x", origin), DClass.IN, 60, InetAddress.getLoopbackAddress()),
                Section.UPDATE);
        update.addRecord(Record.newRecord(Name.fromString("w", origin), 1, DClass.ANY, 0), Section.UPDATE);
        return update;
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int i = 0; i <= random.nextInt(3); i++) {
            switch (random.nextInt(3)) {
                case 0 -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                case 1 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                default -> bytes = Arrays.copyOf(bytes, Math.max(12, random.nextInt(bytes.length + 4)));
            }
        }
        return bytes;
    }
}
