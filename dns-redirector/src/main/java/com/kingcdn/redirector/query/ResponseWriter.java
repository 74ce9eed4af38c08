package com.kingcdn.redirector.query;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The writer of responses: a message or a bare code, made to fit one query and its size limit. Thread-safe. */
final class ResponseWriter {

    private final OptRecord opt;

    ResponseWriter(OptRecord opt) {
        this.opt = opt;
    }

    /**
     * Writes a message as the response to a query: with its identifier, its RD flag, its question as it is spelled, and an OPT record when
     * it had one. What does not fit becomes an empty response with TC set.
     *
     * @param body an answer to the query's question without the octets of that, and without an OPT record
     * @param scope of the client subnet, 0 when the answer is for everybody
     * @param error said where there is room; null for none
     * @return the response's length
     */
    int write(Exchange exchange, byte[] body, int scope, @Nullable ExtendedError error, byte[] out) {
        QueryMessage query = exchange.query();
        int room = exchange.limit() - length(exchange, body);
        int end = query.questionEnd();
        System.arraycopy(query.bytes(), 0, out, 0, end);
        System.arraycopy(body, 2, out, 2, QueryMessage.HEADER_LENGTH - 2);
        out[2] |= (byte) (query.bytes()[2] & 1);
        if (room >= 0) {
            int rest = body.length - QueryMessage.HEADER_LENGTH;
            System.arraycopy(body, QueryMessage.HEADER_LENGTH, out, end, rest);
            end += rest;
        } else {
            out[2] |= 2;
            Arrays.fill(out, 6, QueryMessage.HEADER_LENGTH, (byte) 0);
        }
        return opt.write(exchange, scope, 0, room >= ExtendedError.LENGTH ? error : null, out, end);
    }

    /** How long an answer is as the response to a query, padding and extended error not counted. */
    int length(Exchange exchange, byte[] body) {
        return body.length + exchange.query().questionEnd() - QueryMessage.HEADER_LENGTH + opt.length(exchange, true);
    }

    /**
     * Writes a response that has a code and nothing more, and the question as far as that could be read.
     *
     * @param error null for none
     */
    int writeCode(Exchange exchange, int rcode, @Nullable ExtendedError error, byte[] out) {
        QueryMessage query = exchange.query();
        byte[] in = query.bytes();
        out[0] = in[0];
        out[1] = in[1];
        out[2] = (byte) (0x80 | (in[2] & 0x79));
        out[3] = (byte) (rcode & 15);
        Arrays.fill(out, 4, QueryMessage.HEADER_LENGTH, (byte) 0);
        int end = QueryMessage.HEADER_LENGTH;
        if (query.hasQuestion()) {
            out[5] = 1;
            System.arraycopy(in, end, out, end, query.questionEnd() - end);
            end = query.questionEnd();
        }
        return opt.write(exchange, OptRecord.NO_SUBNET, rcode, error, out, end);
    }

    /** Writes a response that tells the client to ask again over TCP: TC set, and nothing in it. */
    int writeTruncated(Exchange exchange, byte[] out) {
        int length = writeCode(exchange, 0, null, out);
        out[2] |= 2;
        return length;
    }
}
