package com.kingcdn.redirector.dnssec;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Instant;
import java.util.Arrays;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DNSSEC.DNSSECException;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;

/** A key of a zone with its secret, ECDSA P-256 with SHA-256 (RFC 6605). Its text form has no secret. */
final class ZoneKey {

    static final int ALGORITHM = DNSSEC.Algorithm.ECDSAP256SHA256;

    private static final int ZONE = 0x100;
    private static final int SEP = 1;
    private static final int REVOKE = 0x80;
    private static final int SCALAR_BYTES = 32;
    private static final String CURVE = "secp256r1";

    private final DNSKEYRecord record;
    private final ECPrivateKey secret;
    private final KeyState state;

    private ZoneKey(DNSKEYRecord record, ECPrivateKey secret, KeyTimings timings) {
        this.record = record;
        this.secret = secret;
        this.state = new KeyState(record.getFootprint(), (record.getFlags() & SEP) != 0, timings);
    }

    static ZoneKey generate(Name zone, long ttl, KeyRollover.NewKey wanted) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            KeyPair pair = generator.generateKeyPair();
            int flags = ZONE | (wanted.sep() ? SEP : 0);
            return new ZoneKey(
                    new DNSKEYRecord(
                            zone, DClass.IN, ttl, flags, DNSKEYRecord.Protocol.DNSSEC, ALGORITHM, pair.getPublic()),
                    (ECPrivateKey) pair.getPrivate(),
                    wanted.timings());
        } catch (GeneralSecurityException | DNSSECException e) {
            throw new KeyException("a key for " + zone + " cannot be made: " + e.getMessage(), e);
        }
    }

    /**
     * A key from its two halves.
     *
     * @throws KeyException when they do not belong together, or are of another algorithm
     */
    static ZoneKey of(DNSKEYRecord record, byte[] scalar, KeyTimings timings) {
        String name = "key " + record.getFootprint() + " of " + record.getName();
        if (record.getAlgorithm() != ALGORITHM || (record.getFlags() & (ZONE | REVOKE)) != ZONE) {
            throw new KeyException(
                    name + " is no ECDSAP256SHA256 zone key in use (algorithm 13, flags 256 or 257)", null);
        }
        try {
            ECPublicKey open = (ECPublicKey) record.getPublicKey();
            ECPrivateKey secret = (ECPrivateKey) KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(new BigInteger(1, scalar), open.getParams()));
            ZoneKey key = new ZoneKey(record, secret, timings);
            Instant now = Instant.now();
            RRset itself = new RRset(record);
            DNSSEC.verify(itself, key.sign(itself, now.minusSeconds(60), now.plusSeconds(60)), record, now);
            return key;
        } catch (GeneralSecurityException | DNSSECException e) {
            throw new KeyException(name + ": its private part does not belong to its public one", e);
        }
    }

    ZoneKey with(KeyTimings timings) {
        return new ZoneKey(record, secret, timings);
    }

    /** The signature of a set; takes some tenths of a millisecond. */
    RRSIGRecord sign(RRset set, Instant inception, Instant expiration) {
        try {
            return DNSSEC.sign(set, record, (PrivateKey) secret, inception, expiration);
        } catch (DNSSECException e) {
            throw new KeyException("key " + state.tag() + " of " + record.getName() + " does not sign", e);
        }
    }

    DNSKEYRecord record() {
        return record;
    }

    KeyState state() {
        return state;
    }

    KeyTimings timings() {
        return state.timings();
    }

    /** The secret scalar, 32 octets. */
    byte[] scalar() {
        byte[] number = secret.getS().toByteArray();
        byte[] result = new byte[SCALAR_BYTES];
        int length = Math.min(number.length, SCALAR_BYTES);
        System.arraycopy(number, number.length - length, result, SCALAR_BYTES - length, length);
        Arrays.fill(number, (byte) 0);
        return result;
    }

    @Override
    public String toString() {
        return record.getName() + " " + state;
    }
}
