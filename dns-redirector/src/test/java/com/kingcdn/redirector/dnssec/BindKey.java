package com.kingcdn.redirector.dnssec;

/** A key as dnssec-keygen of BIND 9.18 writes it, of kingcdn.example; made for tests, known to everybody. */
final class BindKey {

    static final String TAG = "55317";

    static final String PUBLIC =
            """
            ; This is a key-signing key, keyid 55317, for kingcdn.example.
            ; Created: 20260101194303 (Thu Jan  1 19:43:03 2026)
            ; Publish: 20260101194303 (Thu Jan  1 19:43:03 2026)
            ; Activate: 20260101194303 (Thu Jan  1 19:43:03 2026)
            kingcdn.example. IN DNSKEY 257 3 13 k6DqRiYAmoZOxMwshbI7Eq76Iq1hzHeXI/QDddUL2WwK6dekH5IHymCj 01UcX6XIhHX4dXOb8niNdlWL8sCAKA==
            """;

    static final String PRIVATE =
            """
            Private-key-format: v1.3
            Algorithm: 13 (ECDSAP256SHA256)
            PrivateKey: XeFSP0oqjZhi6GaroemShg58k585feDcrSM9bHYfniI=
            Created: 20260101194303
            Publish: 20260101194303
            Activate: 20260101194303
            """;

    private BindKey() {}
}
