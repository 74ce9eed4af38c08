package com.kingcdn.edge.web;

import com.kingcdn.log.ClientPrefix;
import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.log.LogLine;
import java.net.InetAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** One JSON line for each request: who (shortened), what, how answered, how long. */
final class AccessLog {

    private final JsonLinesLog lines;

    AccessLog(JsonLinesLog lines) {
        this.lines = lines;
    }

    void write(Line line) {
        lines.write(line);
    }

    /**
     * A request as it is logged.
     *
     * @param atMillis when its head was there, Unix time
     * @param micros from then to the response's end
     * @param bytes of content sent
     * @param reason why it was refused, or null
     * @param cacheStatus this edge's member of Cache-Status, or null
     */
    record Line(
            long atMillis,
            @Nullable InetAddress client,
            Protocol protocol,
            String method,
            String host,
            String target,
            int status,
            long bytes,
            long micros,
            Outcome outcome,
            @Nullable String reason,
            @Nullable String cacheStatus,
            @Nullable String range,
            @Nullable String userAgent)
            implements LogLine {

        @Override
        public void writeProperties(JsonGenerator json) {
            json.writeStringProperty("time", Instant.ofEpochMilli(atMillis).toString());
            if (client != null) {
                json.writeStringProperty("client", ClientPrefix.of(client));
            }
            json.writeStringProperty("protocol", protocol.label());
            json.writeStringProperty("method", method);
            json.writeStringProperty("host", host);
            json.writeStringProperty("target", target);
            json.writeNumberProperty("status", status);
            json.writeNumberProperty("bytes", bytes);
            json.writeNumberProperty("duration_us", micros);
            json.writeStringProperty("outcome", outcome.label());
            optional(json, "reason", reason);
            optional(json, "cache_status", cacheStatus);
            optional(json, "range", range);
            optional(json, "user_agent", userAgent);
        }

        private static void optional(JsonGenerator json, String name, @Nullable String value) {
            if (value != null) {
                json.writeStringProperty(name, value);
            }
        }
    }
}
