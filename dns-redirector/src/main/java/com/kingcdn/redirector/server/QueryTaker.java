package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.transfer.ZoneRequests;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What sockets do with a message: plain questions are answered at once, zone requests handed on to be answered later.
 *
 * @param requests takes zone requests; they are refused when null
 */
record QueryTaker(QueryHandler handler, @Nullable ZoneRequests requests) {

    /**
     * Like {@link QueryHandler#answer(byte[], int, InetSocketAddress, Transport, byte[])}, but never a zone request.
     *
     * @param later makes the way back of one that is answered later; the result is {@link QueryHandler#ZONE_REQUEST} then
     */
    int answer(
            byte[] query,
            int length,
            InetSocketAddress client,
            Transport transport,
            byte[] out,
            Supplier<ZoneRequests.Answer> later) {
        int answered = handler.answer(query, length, client, transport, out);
        if (answered != QueryHandler.ZONE_REQUEST) {
            return answered;
        }
        if (requests == null) {
            return handler.refuse(query, length, client, transport, out);
        }
        requests.take(Arrays.copyOf(query, length), client, later.get());
        return QueryHandler.ZONE_REQUEST;
    }
}
