package com.kingcdn.redirector.query;

import java.time.Duration;

/** How long a TCP connection may be idle at present: clients that ask are told (RFC 7828). Thread-safe. */
public final class TcpKeepalive {

    private static final int MOST_TENTHS = 65535;

    private volatile int tenths;

    public TcpKeepalive(Duration idle) {
        set(idle);
    }

    /** Sets what clients are told from now on. */
    public void set(Duration idle) {
        tenths = (int) Math.min(MOST_TENTHS, idle.toMillis() / 100);
    }

    /** In units of 100 ms, as on the wire. */
    int tenths() {
        return tenths;
    }
}
