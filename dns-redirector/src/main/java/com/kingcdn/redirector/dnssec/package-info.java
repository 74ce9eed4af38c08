/**
 * Keys and signatures of signed zones (RFC 4033 to 4035): ECDSA P-256, made while serving, each once and kept until it nears its end.
 *
 * <p>It knows no zones, only record sets: {@code zone} says what an answer consists of, this package signs it. <em>Starting points:</em>
 * {@link com.kingcdn.redirector.dnssec.ZoneKeys}, the keys of all signed zones and their way through a rollover;
 * {@link com.kingcdn.redirector.dnssec.ZoneSigner}, one zone's signatures as of now;
 * {@link com.kingcdn.redirector.dnssec.KeyRollover}, pure: what is due when (RFC 7583).
 */
@NullMarked
package com.kingcdn.redirector.dnssec;

import org.jspecify.annotations.NullMarked;
