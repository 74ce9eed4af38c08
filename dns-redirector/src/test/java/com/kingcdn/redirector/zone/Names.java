package com.kingcdn.redirector.zone;

import org.xbill.DNS.Name;

/** Names in tests. */
final class Names {

    private Names() {}

    static Name of(String text) {
        return Name.fromConstantString(text);
    }
}
