package com.kingcdn.redirector.dnssec;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of signing; {@code kingcdn.redirector.dnssec}. Which zones are signed says the configuration file.
 *
 * @param keys directory of key files; {@code keys} in the state directory when null
 * @param manage whether keys are made and replaced here; false for a redirector that only uses what another, or the operator, puts there
 * @param scheme which keys a zone is given that has none
 * @param zskLifetime after which a ZSK is replaced; 0 for never
 * @param dsTtl TTL of the DS record at the parent
 * @param signatureValidity how long a signature is valid, less up to a tenth
 * @param cachedSignatures how many are kept at most, besides a tenth as many of passing ones
 * @param passingPerSecond how many signatures are made at most for names that only a query brings up
 */
public record DnssecSettings(
        @Nullable Path keys,
        @DefaultValue("true") boolean manage,
        @DefaultValue("csk") KeyScheme scheme,
        @DefaultValue("90d") Duration zskLifetime,
        @DefaultValue("1d") Duration dsTtl,
        @DefaultValue("14d") Duration signatureValidity,
        @DefaultValue("100000") @Min(1000) @Max(10_000_000) int cachedSignatures,
        @DefaultValue("500") @Min(0) @Max(100_000) int passingPerSecond) {

    // before the default, which is checked against it
    private static final Duration LONGEST = Duration.ofDays(10_000);

    /** What holds when nothing is set. */
    public static final DnssecSettings DEFAULT = new DnssecSettings(
            null, true, KeyScheme.CSK, Duration.ofDays(90), Duration.ofDays(1), Duration.ofDays(14), 100_000, 500);

    public DnssecSettings {
        check("zsk-lifetime", zskLifetime, Duration.ZERO, LONGEST);
        check("ds-ttl", dsTtl, Duration.ZERO, Duration.ofDays(7));
        check("signature-validity", signatureValidity, Duration.ofHours(1), Duration.ofDays(90));
        if (!zskLifetime.isZero() && zskLifetime.compareTo(Duration.ofDays(8)) < 0) {
            throw new IllegalArgumentException(
                    "kingcdn.redirector.dnssec.zsk-lifetime must be 0 or at least 8d, the time a rollover takes, not "
                            + zskLifetime);
        }
    }

    private static void check(String key, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    "kingcdn.redirector.dnssec." + key + " must be from " + least + " to " + most + ", not " + value);
        }
    }

    RolloverPolicy policy() {
        return new RolloverPolicy(
                Duration.ofSeconds(ZoneKeys.DNSKEY_TTL), dsTtl, Duration.ofDays(7), Duration.ofHours(1), zskLifetime);
    }
}
