package com.kingcdn.redirector.dnssec;

/** Why a signature was made. */
enum SignaturePurpose {
    /** For a set that the configuration gives rise to, the first time. */
    RECORD,
    /** In place of one that nears its end. */
    RENEWAL,
    /** For a set that only a query's name gives rise to: that it does not exist, or what a wildcard makes of it. */
    DENIAL
}
