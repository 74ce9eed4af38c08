package com.kingcdn.redirector.zone;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.dnssec.ZoneSigner;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DNAMERecord;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** A resolver that validates answers with the zones' own keys: RFC 4035 section 5. */
final class AnswerValidator {

    private final Map<String, ZoneSigner> signers;
    private final Clock clock;

    /** Signatures that were right, to be looked at once. */
    private final Set<Object> verified = new HashSet<>();

    /** @param signers by the names of their zones, without the last dot; as they are when it is asked */
    AnswerValidator(Map<String, ZoneSigner> signers, Clock clock) {
        this.signers = signers;
        this.clock = clock;
    }

    /** Nothing of an answer that could be signed is not, and what it denies is proved. */
    void check(ZoneAnswer answer, String question, String what) throws Exception {
        checkSection(answer, answer.answer(), what);
        checkSection(answer, answer.authority(), what);
        checkDenial(answer, question, what);
    }

    /** The proofs that an answer has of what is not there. */
    static List<NSECRecord> proofs(ZoneAnswer answer) {
        return answer.authority().stream()
                .filter(record -> record instanceof NSECRecord)
                .map(NSECRecord.class::cast)
                .toList();
    }

    /** Each set of records of one of our zones has signatures, and each of these is right. */
    void checkSection(ZoneAnswer answer, List<Record> section, String what) throws Exception {
        for (int i = 0; i < section.size(); i++) {
            Record record = section.get(i);
            boolean delegation = record.getType() == Type.NS
                    && zone(record.getName(), false) != null
                    && !signers.containsKey(record.getName().toString(true).toLowerCase(Locale.ROOT));
            // RFC 6672 section 5.3.1
            boolean synthesized = record instanceof CNAMERecord
                    && section.stream()
                            .anyMatch(other -> other instanceof DNAMERecord
                                    && !other.getName().equals(record.getName())
                                    && record.getName().subdomain(other.getName()));
            @Nullable ZoneSigner signer = zone(record.getName(), record.getType() == Type.DS);
            if (record.getType() == Type.RRSIG || delegation || synthesized || signer == null) {
                continue;
            }
            RRset set = new RRset(section.stream()
                    .filter(other -> other.getType() == record.getType()
                            && other.getName().equals(record.getName()))
                    .toList());
            List<RRSIGRecord> signatures = section.stream()
                    .filter(other -> other instanceof RRSIGRecord signature
                            && signature.getTypeCovered() == record.getType()
                            && signature.getName().equals(record.getName()))
                    .map(RRSIGRecord.class::cast)
                    .toList();
            assertThat(signatures).as(what + ": " + record).isNotEmpty();
            for (RRSIGRecord signature : signatures) {
                verify(signer, set, signature, answer);
            }
        }
    }

    private void verify(ZoneSigner signer, RRset set, RRSIGRecord signature, ZoneAnswer answer) throws Exception {
        DNSKEYRecord key = Objects.requireNonNull(signer.apexSets().get(Type.DNSKEY)).rrs(false).stream()
                .map(DNSKEYRecord.class::cast)
                .filter(candidate -> candidate.getFootprint() == signature.getFootprint())
                .findFirst()
                .orElseThrow();
        RRset signed = set;
        int labels = set.getName().labels() - (set.getName().isWild() ? 2 : 1);
        if (signature.getLabels() < labels) {
            // RFC 4035 section 5.3.2: signed as the wildcard, so that the name itself has to be proved absent
            Name wildcard = set.getName().wild(labels - signature.getLabels());
            signed = new RRset(set.rrs(false).stream()
                    .map(record -> record.withName(wildcard))
                    .toList());
            assertThat(covers(answer, set.getName())).as("%s", answer).isTrue();
        }
        if (!verified.add(List.of(signed, signature))) {
            return;
        }
        DNSSEC.verify(signed, (RRSIGRecord) signature.withName(signed.getName()), key, clock.instant());
    }

    /** Whether a record of the answer proves that a name does not exist (RFC 4035 section 5.4). */
    private static boolean covers(ZoneAnswer answer, Name name) {
        return proofs(answer).stream()
                .anyMatch(nsec -> nsec.getName().compareTo(name) < 0
                        && (nsec.getNext().compareTo(name) > 0 || nsec.getNext().compareTo(nsec.getName()) < 0));
    }

    /** What is said not to be there is proved not to be. */
    private void checkDenial(ZoneAnswer answer, String question, String what) {
        boolean negative = answer.authority().stream()
                .anyMatch(record -> record.getType() == Type.SOA && signer(record.getName()) != null);
        if (!negative) {
            return;
        }
        Name name = SignedAnswers.last(Name.fromConstantString(question), answer);
        List<NSECRecord> proofs = proofs(answer);
        assertThat(proofs).as(what).isNotEmpty();
        boolean matching = proofs.stream().anyMatch(proof -> proof.getName().equals(name));
        assertThat(matching || covers(answer, name)).as(what).isTrue();
        if (answer.rcode() == Rcode.NXDOMAIN) {
            assertThat(matching).as(what + ": NXDOMAIN of a name that is there").isFalse();
        }
    }

    private @Nullable ZoneSigner signer(Name origin) {
        return signers.get(origin.toString(true).toLowerCase(Locale.ROOT));
    }

    private @Nullable ZoneSigner zone(Name name, boolean above) {
        for (Name at = above && name.labels() > 1 ? new Name(name, 1) : name; at.labels() > 1; at = new Name(at, 1)) {
            @Nullable ZoneSigner signer = signer(at);
            if (signer != null) {
                return signer;
            }
        }
        // the DS set of a zone whose parent is another's
        return above ? signer(name) : null;
    }
}
