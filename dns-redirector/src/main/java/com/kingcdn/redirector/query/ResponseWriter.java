package com.kingcdn.redirector.query;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The writer of responses: a message or a bare code, made to fit one query and its size limit. */
final class ResponseWriter {

    private static final int OPT_LENGTH = 11;

    private ResponseWriter() {}

    /**
     * Writes a message as the response to a query: with its identifier, its RD flag, its spelling of the name, and an OPT record when it
     * had one. What does not fit the limit becomes an empty response with TC set.
     *
     * @param message with the query's question, and no OPT record
     * @param scope of the client subnet, 0 when the answer is for everybody
     * @return the response's length
     */
    static int write(QueryMessage query, byte[] message, int scope, byte[] out, int limit) {
        int questionEnd = QueryMessage.HEADER_LENGTH + query.nameLength() + 4;
        boolean fits = fits(query, message, limit);
        int end = fits ? message.length : questionEnd;
        System.arraycopy(message, 0, out, 0, end);
        System.arraycopy(
                query.bytes(), QueryMessage.HEADER_LENGTH, out, QueryMessage.HEADER_LENGTH, query.nameLength());
        out[0] = query.bytes()[0];
        out[1] = query.bytes()[1];
        out[2] |= (byte) (query.bytes()[2] & 1);
        if (!fits) {
            out[2] |= 2;
            Arrays.fill(out, 6, QueryMessage.HEADER_LENGTH, (byte) 0);
        }
        return query.hasOpt() ? writeOpt(query, query.subnet(), scope, 0, out, end) : end;
    }

    static boolean fits(QueryMessage query, byte[] message, int limit) {
        @Nullable ClientSubnet subnet = query.subnet();
        int opt = query.hasOpt() ? OPT_LENGTH + (subnet == null ? 0 : subnet.wireLength()) : 0;
        return message.length + opt <= limit;
    }

    /** Writes a response that has a code and nothing more, and the question as far as that could be read. */
    static int writeCode(QueryMessage query, int rcode, byte[] out) {
        byte[] in = query.bytes();
        out[0] = in[0];
        out[1] = in[1];
        out[2] = (byte) (0x80 | (in[2] & 0x79));
        out[3] = (byte) (rcode & 15);
        Arrays.fill(out, 4, QueryMessage.HEADER_LENGTH, (byte) 0);
        int end = QueryMessage.HEADER_LENGTH;
        if (query.hasQuestion()) {
            out[5] = 1;
            System.arraycopy(in, end, out, end, query.nameLength() + 4);
            end += query.nameLength() + 4;
        }
        return query.hasOpt() ? writeOpt(query, null, 0, rcode >> 4, out, end) : end;
    }

    private static int writeOpt(
            QueryMessage query, @Nullable ClientSubnet subnet, int scope, int extendedCode, byte[] out, int offset) {
        Arrays.fill(out, offset, offset + OPT_LENGTH, (byte) 0);
        out[offset + 2] = 41;
        out[offset + 3] = (byte) (ResponseSize.UDP_PAYLOAD >> 8);
        out[offset + 4] = (byte) ResponseSize.UDP_PAYLOAD;
        out[offset + 5] = (byte) extendedCode;
        out[offset + 7] = (byte) ((query.dnssecOk() ? 0x80 : 0) | (query.compactOk() ? 0x40 : 0));
        int end = offset + OPT_LENGTH;
        if (subnet != null) {
            end = subnet.write(out, end, scope);
            out[offset + 10] = (byte) subnet.wireLength();
        }
        int additional = ((out[10] & 0xff) << 8 | (out[11] & 0xff)) + 1;
        out[10] = (byte) (additional >> 8);
        out[11] = (byte) additional;
        return end;
    }
}
