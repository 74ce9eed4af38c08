package com.kingcdn.redirector.zone;

import com.kingcdn.redirector.dnssec.Signature;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DNAMERecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/**
 * One answer on its way to be signed.
 *
 * <p>What does not exist is denied compactly (RFC 9824): by an NSEC record of the very name that was asked for. Its signature is this
 * name's alone, so there is a budget for such. Above it the answer is what a zone signed beforehand would say: records of the zone's
 * NSEC chain, whose signatures are kept, and wildcards signed as wildcards. Both validate.
 */
final class AnswerSigner {

    private final SignedAnswers zones;
    private final int type;
    private final boolean compactOk;
    private final List<Record> answer = new ArrayList<>();
    private final List<Record> authority = new ArrayList<>();
    private final List<Record> additional = new ArrayList<>();
    private final List<Record> proofs = new ArrayList<>();
    private long remakeAt = Long.MAX_VALUE;
    private int rcode;

    AnswerSigner(SignedAnswers zones, int type, boolean compactOk) {
        this.zones = zones;
        this.type = type;
        this.compactOk = compactOk;
    }

    SignedAnswer sign(Name question, ZoneAnswer plain) {
        rcode = plain.rcode();
        copySigned(plain.answer(), answer);
        copySigned(plain.authority(), authority);
        copySigned(plain.additional(), additional);
        if (!plain.authority().isEmpty()) {
            Record first = plain.authority().get(0);
            if (first.getType() == Type.SOA) {
                @Nullable SignedZone zone = zones.zone(first.getName());
                if (zone != null) {
                    deny(zone, SignedAnswers.last(question, plain), first.getTTL());
                }
            } else if (first.getType() == Type.NS) {
                proveDelegation(first.getName());
            }
        }
        authority.addAll(proofs);
        return new SignedAnswer(plain.with(rcode, answer, authority, additional), remakeAt);
    }

    private void copySigned(List<Record> from, List<Record> to) {
        for (int begin = 0; begin < from.size(); ) {
            Record first = from.get(begin);
            int end = begin + 1;
            while (end < from.size() && isOfSameSet(first, from.get(end))) {
                end++;
            }
            List<Record> set = from.subList(begin, end);
            to.addAll(set);
            // RFC 6672 section 5.3.1: the CNAME that a DNAME means is not signed
            boolean synthesized = first instanceof CNAMERecord
                    && begin > 0
                    && from.get(begin - 1) instanceof DNAMERecord dname
                    && first.getName().subdomain(dname.getName());
            if (!synthesized) {
                addSignatures(set, to);
            }
            begin = end;
        }
    }

    private static boolean isOfSameSet(Record one, Record other) {
        return one.getType() == other.getType() && one.getName().equals(other.getName());
    }

    private void addSignatures(List<Record> set, List<Record> to) {
        Record first = set.get(0);
        Name name = first.getName();
        @Nullable SignedZone zone = first.getType() == Type.RRSIG ? null : zones.owner(name, first.getType());
        // delegations and glue are not this zone's to sign (RFC 4035 section 2.2); a DS set is
        if (zone == null || (first.getType() != Type.DS && !zone.isAuthoritative(name))) {
            return;
        }
        @Nullable ZoneNode node = zone.zone().node(name);
        @Nullable RRset own = node == null ? null : node.sets().get(first.getType());
        boolean ofKeys =
                name.equals(zone.zone().origin()) && zone.signer().apexSets().containsKey(first.getType());
        if (own != null
                && own.getTTL() == first.getTTL()
                && !ofKeys
                && own.rrs(false).contains(first)) {
            // not the SOA of a negative answer, which has a TTL of its own, nor the HINFO that answers ANY
            zones.signatures(zone, own).forEach(signature -> add(signature, to));
        } else if (node != null) {
            addLasting(zone, new RRset(set), to);
        } else {
            addExpanded(zone, set, to);
        }
    }

    private void addLasting(SignedZone zone, RRset set, List<Record> to) {
        zone.signer().sign(set).forEach(signature -> add(signature, to));
    }

    private void add(Signature signature, List<Record> to) {
        remakeAt = Math.min(remakeAt, signature.remakeAt());
        to.add(signature.record());
    }

    /** Signs what a wildcard stands for: as if the name existed (RFC 9824 section 3.3) or, above the budget, as the wildcard. */
    private void addExpanded(SignedZone zone, List<Record> set, List<Record> to) {
        Name name = set.get(0).getName();
        @Nullable Signature signature = zone.signer().signPassing(owned(set, name.canonicalize()));
        if (signature != null) {
            add(signature, to);
            return;
        }
        remakeAt = SignedAnswer.NOT_KEPT;
        for (Signature ofWildcard :
                zone.signer().sign(owned(set, zone.sourceOfSynthesis(name).canonicalize()))) {
            add(
                    new Signature(
                            (org.xbill.DNS.RRSIGRecord) ofWildcard.record().withName(name), ofWildcard.remakeAt()),
                    to);
        }
        addChain(zone, name);
    }

    private static RRset owned(List<Record> set, Name name) {
        return LargeSet.of(set.stream().map(record -> record.withName(name)).toList());
    }

    /** Proves that a name does not exist, or that it does not have the type. */
    private void deny(SignedZone zone, Name name, long ttl) {
        if (zone.zone().node(name) != null) {
            @Nullable RRset nsec = zone.compact(name, ttl, zone.types(name, type));
            if (nsec == null) {
                addChain(zone, name);
            } else {
                proofs.addAll(nsec.rrs(false));
                addLasting(zone, nsec, proofs);
            }
            return;
        }
        @Nullable Name wildcard = zone.wildcard(name);
        // its NSEC record is there when it is asked for: BIND takes it for no proof of its own absence
        int absent = type == Type.NSEC ? 0 : type;
        @Nullable
        RRset nsec = zone.compact(
                name, ttl, wildcard == null ? SignedZone.typesOfNothing(absent) : zone.types(wildcard, absent));
        @Nullable Signature signature = nsec == null ? null : zone.signer().signPassing(nsec);
        if (nsec != null && signature != null && type == Type.NSEC) {
            authority.clear();
            answer.addAll(nsec.rrs(false));
            add(signature, answer);
            rcode = Rcode.NOERROR;
        } else if (nsec != null && signature != null) {
            proofs.addAll(nsec.rrs(false));
            add(signature, proofs);
            if (wildcard == null) {
                rcode = compactOk ? Rcode.NXDOMAIN : Rcode.NOERROR;
            }
        } else {
            remakeAt = SignedAnswer.NOT_KEPT;
            addChain(zone, name);
            addChain(zone, zone.sourceOfSynthesis(name));
        }
    }

    /** A delegation is signed by its DS set, or has none, which is proved too (RFC 4035 section 3.1.4). */
    private void proveDelegation(Name cut) {
        @Nullable SignedZone zone = zones.owner(cut, Type.DS);
        @Nullable ZoneNode node = zone == null ? null : zone.zone().node(cut);
        if (zone == null || node == null || cut.equals(zone.zone().origin())) {
            return;
        }
        @Nullable RRset ds = node.sets().get(Type.DS);
        @Nullable RRset proof = ds == null ? zone.compact(cut, zone.negativeTtl(), zone.types(cut, 0)) : ds;
        if (proof == null) {
            addChain(zone, cut);
        } else {
            proofs.addAll(proof.rrs(false));
            addLasting(zone, proof, proofs);
        }
    }

    private void addChain(SignedZone zone, Name name) {
        RRset nsec = zone.chain(name);
        if (!proofs.contains(nsec.first())) {
            proofs.addAll(nsec.rrs(false));
            addLasting(zone, nsec, proofs);
        }
    }
}
