package com.kingcdn.origin.web;

import com.kingcdn.log.ClientPrefix;
import com.kingcdn.log.LogLine;
import java.net.InetAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * A line of the access log: one request for content.
 *
 * @param path percent-encoded, without the query, which may hold a secret
 * @param timeMillis when its head had arrived, Unix time in milliseconds
 */
record AccessLogLine(long timeMillis, @Nullable InetAddress client, String method, String path, int status, Sent sent)
        implements LogLine {

    /**
     * What went out.
     *
     * @param bytes of content that left
     * @param micros from the request's head to the end of the response
     * @param complete whether the client took all of it
     */
    record Sent(long bytes, long micros, boolean complete) {}

    @Override
    public void writeProperties(JsonGenerator json) {
        json.writeStringProperty("time", Instant.ofEpochMilli(timeMillis).toString());
        json.writeStringProperty("client", client == null ? "unknown" : ClientPrefix.of(client));
        json.writeStringProperty("method", method);
        json.writeStringProperty("path", path);
        json.writeNumberProperty("status", status);
        json.writeNumberProperty("bytes", sent.bytes());
        json.writeNumberProperty("duration_us", sent.micros());
        json.writeBooleanProperty("complete", sent.complete());
    }
}
