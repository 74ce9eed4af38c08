package com.kingcdn.edge.policy;

/** A string of structured fields (RFC 9651 section 3.3.3): printable ASCII in quotes, of which a backslash escapes itself and the quote. */
final class QuotedString {

    private QuotedString() {}

    /** Not what its grammar says. It is never logged, and needs no stack. */
    static final class Malformed extends RuntimeException {

        private static final long serialVersionUID = 1;

        Malformed() {
            super("no structured field", null, false, false);
        }
    }

    /**
     * Reads one.
     *
     * @param at index of the opening quote
     * @param value gets what stands between the quotes, without escapes
     * @return the index after the closing quote
     * @throws Malformed if there is none
     */
    static int read(String text, int at, StringBuilder value) {
        require(at < text.length() && text.charAt(at) == '"');
        int next = at + 1;
        while (true) {
            require(next < text.length());
            char c = text.charAt(next++);
            if (c == '"') {
                return next;
            }
            if (c == '\\') {
                require(next < text.length());
                c = text.charAt(next++);
                require(c == '"' || c == '\\');
            }
            require(c >= ' ' && c <= '~');
            value.append(c);
        }
    }

    static void require(boolean holds) {
        if (!holds) {
            throw new Malformed();
        }
    }
}
