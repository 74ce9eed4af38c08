package com.kingcdn.redirector.dnssec;

/** Which keys a zone is given. */
public enum KeyScheme {
    /** One key for all. */
    CSK,
    /** One that the parent's DS leads to and that signs keys, one that signs the rest and can be changed without the parent. */
    KSK_ZSK
}
