package com.kingcdn.edge.signing;

/** Thrown inside this package when a token is none that this edge accepts; has no stack trace, and says nothing of the token. */
final class RefusedTokenException extends Exception {

    private static final long serialVersionUID = 1;

    private final SignatureResult why;

    RefusedTokenException(SignatureResult why) {
        super(why.label(), null, false, false);
        this.why = why;
    }

    SignatureResult why() {
        return why;
    }
}
