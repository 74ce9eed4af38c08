package com.kingcdn.redirector.dnssec;

/**
 * A key without its secret: what deciding about it needs.
 *
 * @param tag the key tag (RFC 4034 appendix B)
 * @param sep whether it is a secure entry point, that the parent's DS leads to: a KSK, or a CSK when there is no other
 */
record KeyState(int tag, boolean sep, KeyTimings timings) {

    KeyState with(KeyTimings changed) {
        return new KeyState(tag, sep, changed);
    }
}
