package com.kingcdn.redirector.query;

import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.redirector.routing.ClusterChoice;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The access log of queries; client addresses and subnets are truncated in it. */
public final class QueryLog {

    /** Writes nothing. */
    public static final QueryLog NONE = new QueryLog(null);

    private final @Nullable JsonLinesLog lines;

    private QueryLog(@Nullable JsonLinesLog lines) {
        this.lines = lines;
    }

    /** Writes one line for each answered query; the caller closes the log. */
    public static QueryLog to(JsonLinesLog lines) {
        return new QueryLog(lines);
    }

    /**
     * Writes the line of an answer.
     *
     * @param rcode whole, with the bits that stand in an OPT record
     * @param choice the cluster that the answer names, or null when it names none
     */
    void answered(
            QueryMessage query,
            InetSocketAddress client,
            Transport transport,
            int rcode,
            int length,
            @Nullable ClusterChoice choice) {
        if (lines != null) {
            InetAddress address = client.getAddress();
            byte[] name = query.hasQuestion()
                    ? Arrays.copyOfRange(
                            query.bytes(), QueryMessage.HEADER_LENGTH, QueryMessage.HEADER_LENGTH + query.nameLength())
                    : new byte[0];
            lines.write(new QueryLogLine(
                    System.currentTimeMillis(),
                    transport,
                    address,
                    query.subnet(),
                    name,
                    query.type(),
                    rcode,
                    length,
                    choice));
        }
    }
}
