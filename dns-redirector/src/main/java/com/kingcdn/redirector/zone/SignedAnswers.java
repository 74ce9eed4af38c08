package com.kingcdn.redirector.zone;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.redirector.dnssec.Signature;
import com.kingcdn.redirector.dnssec.ZoneSigner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/**
 * What DNSSEC adds to the answers of those zones that are signed (RFC 4035 section 3.1). Immutable.
 *
 * <p>It takes answers as the {@link NameServer} gives them and puts the signatures and proofs in, so that the algorithm of RFC 1034 is the
 * same whether a zone is signed or not.
 */
final class SignedAnswers {

    /** For zones none of which is signed. */
    static final SignedAnswers NONE = new SignedAnswers(new ZoneTable(List.of()), Map.of());

    private static final int MOST_KNOWN = 50_000;

    private final ZoneTable zones;
    private final Map<Name, SignedZone> signed = new HashMap<>();
    private final LongSupplier clock;
    /** Weak keys are told apart by identity. */
    private final Cache<RRset, List<Signature>> known =
            Caffeine.newBuilder().weakKeys().maximumSize(MOST_KNOWN).build();

    /** @param signers by the name of the zone; those of zones that are not served count for nothing */
    SignedAnswers(ZoneTable zones, Map<Name, ZoneSigner> signers) {
        this.zones = zones;
        signers.forEach((origin, signer) -> {
            @Nullable Zone zone = zones.find(origin);
            if (zone != null && zone.origin().equals(origin)) {
                SignedZone made = new SignedZone(zone, signer);
                made.keepOrder();
                signed.put(origin, made);
            }
        });
        this.clock =
                signed.isEmpty() ? () -> 0 : signed.values().iterator().next().signer()::nowMillis;
    }

    /** The signatures of a set that stands in a zone as it is: found by its identity, since that costs least. */
    List<Signature> signatures(SignedZone zone, RRset own) {
        @Nullable List<Signature> found = known.getIfPresent(own);
        if (found == null || found.stream().anyMatch(signature -> nowMillis() >= signature.remakeAt())) {
            found = zone.signer().sign(own);
            known.put(own, found);
        }
        return found;
    }

    /** Whether no zone is signed. */
    boolean isNone() {
        return signed.isEmpty();
    }

    /** The signers by the names of their zones. */
    Map<Name, ZoneSigner> signers() {
        Map<Name, ZoneSigner> signers = new HashMap<>();
        signed.forEach((origin, zone) -> signers.put(origin, zone.signer()));
        return signers;
    }

    /** The time that {@link SignedAnswer#remakeAt} goes by. */
    long nowMillis() {
        return clock.getAsLong();
    }

    /** The signed zone of that name, or null. */
    @Nullable
    SignedZone zone(Name origin) {
        return signed.get(origin);
    }

    /** The signed zone that records of a name and type belong to, or null when they belong to none. */
    @Nullable
    SignedZone owner(Name name, int type) {
        @Nullable Zone zone = zones.find(name);
        if (zone != null && type == Type.DS && zone.origin().equals(name) && name.labels() > 1) {
            // the parent's, RFC 4035 section 3.1.4.1
            @Nullable Zone parent = zones.find(new Name(name, 1));
            zone = parent == null ? zone : parent;
        }
        return zone == null ? null : signed.get(zone.origin());
    }

    /** The same with the records that a zone has because it is signed, when they are what is asked for. */
    ZoneAnswer complete(Name question, int type, ZoneAnswer plain) {
        if (signed.isEmpty()) {
            return plain;
        }
        if (type == Type.NSEC || type == Type.RRSIG) {
            @Nullable ZoneAnswer own = ownProof(question, type);
            return own == null ? plain : own;
        }
        boolean ofKeys = type == Type.DNSKEY || type == Type.CDS || type == Type.CDNSKEY;
        @Nullable SignedZone zone = ofKeys ? signed.get(last(question, plain)) : null;
        @Nullable RRset set = zone == null ? null : zone.signer().apexSets().get(type);
        if (set == null || plain.rcode() != Rcode.NOERROR) {
            return plain;
        }
        // those that stand in the zone's file are not of keys that sign here
        List<Record> answer = new ArrayList<>(plain.answer());
        answer.removeIf(record -> record.getType() == type);
        answer.addAll(set.rrs(false));
        return plain.with(plain.rcode(), answer, List.of(), List.of());
    }

    /** The NSEC record of a name, or its signature: both stand at each name, also where a CNAME does (RFC 4035 section 2.5). */
    private @Nullable ZoneAnswer ownProof(Name name, int type) {
        @Nullable SignedZone zone = owner(name, type);
        if (zone == null || zone.zone().node(name) == null || !zone.isAuthoritative(name)) {
            return null;
        }
        @Nullable RRset nsec = zone.compact(name, zone.negativeTtl(), zone.types(name, 0));
        if (nsec == null) {
            return null;
        }
        List<Record> answer = type == Type.NSEC
                ? nsec.rrs(false)
                : List.of(zone.signer().sign(nsec).get(0).record());
        return ZoneAnswer.authoritative(answer);
    }

    /** Where the CNAMEs of an answer lead, or the question when there are none. */
    static Name last(Name question, ZoneAnswer answer) {
        Name last = question;
        for (Record record : answer.answer()) {
            if (record instanceof CNAMERecord alias) {
                last = alias.getTarget();
            }
        }
        return last;
    }

    /** @param compactOk whether the client wants NXDOMAIN beside a compact denial (RFC 9824 section 5) */
    SignedAnswer sign(Name question, int type, ZoneAnswer plain, boolean compactOk) {
        return new AnswerSigner(this, type, compactOk).sign(question, plain);
    }
}
