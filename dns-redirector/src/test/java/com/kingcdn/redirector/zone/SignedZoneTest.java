package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.dnssec.KeyScheme;
import com.kingcdn.redirector.dnssec.OpenedKeys;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.dnssec.ZoneSigner;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;

/** A signed zone's names in order. */
class SignedZoneTest {

    private static final Name ORIGIN = Name.fromConstantString("netcinema.example.");
    private static final Name NOTHING = Name.fromConstantString("wwx.netcinema.example.");

    @TempDir
    Path state;

    private static ZoneContent content(String more) {
        return SnapshotFixture.zone("netcinema.example", SnapshotFixture.CUSTOMER_ZONE + more);
    }

    private static NSECRecord chain(SignedAnswers answers) {
        return (NSECRecord)
                Objects.requireNonNull(answers.zone(ORIGIN)).chain(NOTHING).first();
    }

    /** A flood goes on while a zone changes: queries would wait for it to be put in order again. */
    @Test
    void namesArePutInOrderWhenTheZoneChanges_onlyOnceThatWasNeeded() {
        try (ZoneKeys keys = OpenedKeys.of(KeyScheme.KSK_ZSK, 1000, 1000, state, Clock.systemUTC())) {
            Map<Name, ZoneSigner> signers = Map.of(ORIGIN, keys.signer("netcinema.example"));
            Zone first = Zone.of(content(""), List.of(), null);
            new SignedAnswers(new ZoneTable(List.of(first)), signers);
            Zone quiet = Zone.of(content("\nwww2 A 192.0.2.2\n"), List.of(), first);
            SignedAnswers answers = new SignedAnswers(new ZoneTable(List.of(quiet)), signers);
            assertThat(quiet.isOrdered()).isFalse();

            chain(answers);
            Zone flooded = Zone.of(content("\nwwy A 192.0.2.2\n"), List.of(), quiet);
            answers = new SignedAnswers(new ZoneTable(List.of(flooded)), signers);

            assertThat(flooded.isOrdered()).isTrue();
            assertThat(chain(answers).getNext()).hasToString("wwy.netcinema.example.");
        }
    }
}
