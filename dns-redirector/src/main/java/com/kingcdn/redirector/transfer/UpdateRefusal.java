package com.kingcdn.redirector.transfer;

/** An update that is not done: its response code says why (RFC 2136 section 2.2). */
final class UpdateRefusal extends Exception {

    private final int rcode;

    UpdateRefusal(int rcode) {
        super("rcode " + rcode, null, false, false);
        this.rcode = rcode;
    }

    int rcode() {
        return rcode;
    }
}
