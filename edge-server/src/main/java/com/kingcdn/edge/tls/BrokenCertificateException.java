package com.kingcdn.edge.tls;

/** Thrown when the files of a host make no usable certificate; the message says why, without anything of the key. */
final class BrokenCertificateException extends Exception {

    private static final long serialVersionUID = 1;

    BrokenCertificateException(String message) {
        super(message);
    }

    BrokenCertificateException(String message, Throwable cause) {
        super(message, cause);
    }
}
