package com.kingcdn.redirector.query;

import org.jspecify.annotations.Nullable;

/**
 * A query as it came, read by hand: header, one question, and the OPT record with the options that we know.
 *
 * <p>Nothing in it is believed: each length is checked, names are skipped and never followed, and what is wrong is a
 * {@link Verdict} and no exception. Only fields up to the point where reading stopped are set.
 */
final class QueryMessage {

    /** What is to be done with a query. */
    enum Verdict {
        ANSWER,
        /** Too short to have a header, or itself a response: answering could start a loop. */
        DROP,
        FORMAT_ERROR,
        NOT_IMPLEMENTED,
        /** No plain question: an update, a notice, or signed with a key. */
        ZONE_REQUEST,
        BAD_VERSION,
        /** No question, but a cookie: the client only wants one of ours (RFC 7873 section 5.4). */
        COOKIE_ONLY
    }

    static final int HEADER_LENGTH = 12;

    private static final int LONGEST_NAME = 255;
    private static final int TYPE_OPT = 41;
    private static final int TYPE_TSIG = 250;
    private static final int OPCODE_NOTIFY = 4;
    private static final int OPCODE_UPDATE = 5;
    private static final int OPTION_CLIENT_SUBNET = 8;
    /** A client cookie with the shortest and the longest server cookie (RFC 7873 section 4). */
    private static final int LEAST_COOKIE = 16;

    private static final int LONGEST_COOKIE = 40;

    private final byte[] bytes;
    private final int length;
    private int at;

    private Verdict verdict = Verdict.DROP;
    private int nameLength;
    private int type;
    private int dnsClass;
    private boolean hasQuestion;
    private boolean hasOpt;
    private boolean signed;
    private int udpPayload;
    private int version;
    private boolean dnssecOk;
    private boolean compactOk;
    private @Nullable ClientSubnet subnet;
    private int cookieOffset;
    private int cookieLength;
    private boolean wantsNsid;
    private boolean wantsKeepalive;
    private boolean padded;

    private QueryMessage(byte[] bytes, int length) {
        this.bytes = bytes;
        this.length = length;
    }

    /** Reads the first {@code length} bytes, which must not change while the result is in use. */
    static QueryMessage read(byte[] bytes, int length) {
        QueryMessage message = new QueryMessage(bytes, length);
        message.verdict = message.read();
        return message;
    }

    private Verdict read() {
        if (length < HEADER_LENGTH || (bytes[2] & 0x80) != 0) {
            return Verdict.DROP;
        }
        int opcode = bytes[2] >> 3 & 15;
        if (opcode == OPCODE_NOTIFY || opcode == OPCODE_UPDATE) {
            return Verdict.ZONE_REQUEST;
        }
        at = HEADER_LENGTH;
        Verdict verdictOfQuery = readSections();
        // read all the same, so that the answer has an OPT record where the message has one (RFC 6891 section 7)
        return (bytes[2] & 0x78) == 0 ? verdictOfQuery : Verdict.NOT_IMPLEMENTED;
    }

    private Verdict readSections() {
        int questions = uint16(4);
        if (questions > 1 || (questions == 1 && !readQuestion())) {
            return Verdict.FORMAT_ERROR;
        }
        int others = uint16(6) + uint16(8);
        int records = others + uint16(10);
        for (int i = 0; i < records; i++) {
            if (!readRecord(i >= others)) {
                return Verdict.FORMAT_ERROR;
            }
        }
        if (at != length || (questions == 0 && version == 0 && cookieLength == 0)) {
            return Verdict.FORMAT_ERROR;
        }
        if (version != 0) {
            return Verdict.BAD_VERSION;
        }
        if (signed) {
            return Verdict.ZONE_REQUEST;
        }
        return questions == 0 ? Verdict.COOKIE_ONLY : Verdict.ANSWER;
    }

    private boolean readQuestion() {
        int start = at;
        // a pointer has no place here: there is nothing before this name to point to
        if (!skipName(false) || at - start > LONGEST_NAME || length - at < 4) {
            return false;
        }
        nameLength = at - start;
        type = uint16(at);
        dnsClass = uint16(at + 2);
        at += 4;
        hasQuestion = true;
        return true;
    }

    private boolean skipName(boolean compressed) {
        while (at < length) {
            int label = bytes[at] & 0xff;
            if (label == 0) {
                at++;
                return true;
            }
            if (label >= 0xc0 && compressed) {
                at += 2;
                return at <= length;
            }
            if (label > 63) {
                return false;
            }
            at += label + 1;
        }
        return false;
    }

    private boolean readRecord(boolean additional) {
        int start = at;
        if (!skipName(true) || length - at < 10) {
            return false;
        }
        boolean root = at - start == 1;
        int recordType = uint16(at);
        int dataLength = uint16(at + 8);
        int data = at + 10;
        if (length - data < dataLength) {
            return false;
        }
        if (recordType == TYPE_TSIG && !additional) {
            // RFC 8945 section 5.2
            return false;
        }
        signed |= recordType == TYPE_TSIG;
        if (recordType == TYPE_OPT) {
            // RFC 6891 section 6.1.1: one at most, in the additional section, owned by the root
            if (hasOpt || !additional || !root) {
                return false;
            }
            hasOpt = true;
            udpPayload = uint16(at + 2);
            version = bytes[at + 5] & 0xff;
            dnssecOk = (bytes[at + 6] & 0x80) != 0;
            compactOk = (bytes[at + 6] & 0x40) != 0;
            if (!readOptions(data, data + dataLength)) {
                return false;
            }
        }
        at = data + dataLength;
        return true;
    }

    private boolean readOptions(int from, int end) {
        int option = from;
        while (option < end) {
            if (end - option < 4) {
                return false;
            }
            int code = uint16(option);
            int optionLength = uint16(option + 2);
            option += 4;
            if (end - option < optionLength) {
                return false;
            }
            // the options of a version we do not know may have another form
            if (version == 0 && !readOption(code, option, optionLength)) {
                return false;
            }
            option += optionLength;
        }
        return true;
    }

    /** False when an option that we know is malformed; what we do not know is passed over (RFC 6891 section 6.1.2). */
    private boolean readOption(int code, int offset, int optionLength) {
        switch (code) {
            case OPTION_CLIENT_SUBNET -> {
                if (subnet != null) {
                    return false;
                }
                subnet = ClientSubnet.read(bytes, offset, optionLength);
                return subnet != null;
            }
            case Cookies.OPTION_CODE -> {
                // RFC 7873 section 5.2.2; of several the first one counts (section 5.2)
                boolean whole = optionLength == Cookies.CLIENT_LENGTH
                        || (optionLength >= LEAST_COOKIE && optionLength <= LONGEST_COOKIE);
                if (whole && cookieLength == 0) {
                    cookieOffset = offset;
                    cookieLength = optionLength;
                }
                return whole;
            }
            case OptRecord.OPTION_NSID -> wantsNsid = true;
            case OptRecord.OPTION_KEEPALIVE -> wantsKeepalive = true;
            case OptRecord.OPTION_PADDING -> padded = true;
            default -> {
                // not known here
            }
        }
        return true;
    }

    private int uint16(int index) {
        return (bytes[index] & 0xff) << 8 | (bytes[index + 1] & 0xff);
    }

    Verdict verdict() {
        return verdict;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    boolean hasQuestion() {
        return hasQuestion;
    }

    /** The length of the question's name in wire form, which starts after the header. */
    int nameLength() {
        return nameLength;
    }

    /** Where the question ends, its type and class counted in. */
    int questionEnd() {
        return HEADER_LENGTH + nameLength + 4;
    }

    int type() {
        return type;
    }

    int dnsClass() {
        return dnsClass;
    }

    boolean hasOpt() {
        return hasOpt;
    }

    /** What the client can take over UDP, as it says; 0 without an OPT record. */
    int udpPayload() {
        return udpPayload;
    }

    boolean dnssecOk() {
        return dnssecOk;
    }

    /** Whether the client wants NXDOMAIN as the code of a compact denial (RFC 9824 section 5). */
    boolean compactOk() {
        return compactOk;
    }

    @Nullable
    ClientSubnet subnet() {
        return subnet;
    }

    /** Where the cookie begins that the client sends; only with a {@link #cookieLength} above 0. */
    int cookieOffset() {
        return cookieOffset;
    }

    /** 0 without a cookie, 8 for a client cookie alone, 16 to 40 with a server cookie. */
    int cookieLength() {
        return cookieLength;
    }

    boolean wantsNsid() {
        return wantsNsid;
    }

    boolean wantsKeepalive() {
        return wantsKeepalive;
    }

    /** Whether it has a padding option, and so wants its response padded. */
    boolean padded() {
        return padded;
    }
}
