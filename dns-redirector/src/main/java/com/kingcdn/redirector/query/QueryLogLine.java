package com.kingcdn.redirector.query;

import com.kingcdn.log.ClientPrefix;
import com.kingcdn.log.LogLine;
import com.kingcdn.redirector.routing.ClusterChoice;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;
import tools.jackson.core.JsonGenerator;

/** One query in the access log; arrays are not changed after construction. */
@SuppressWarnings("ArrayRecordComponent")
record QueryLogLine(
        long timeMillis,
        Transport transport,
        InetAddress client,
        @Nullable ClientSubnet subnet,
        byte[] name,
        int type,
        int rcode,
        int length,
        @Nullable ClusterChoice choice)
        implements LogLine {

    @Override
    public void writeProperties(JsonGenerator json) {
        json.writeStringProperty("time", Instant.ofEpochMilli(timeMillis).toString());
        json.writeStringProperty("transport", transport.label());
        json.writeStringProperty("client", ClientPrefix.of(client));
        if (subnet != null && subnet.source() > 0) {
            json.writeStringProperty("ecs", subnet.logged().toString());
        }
        if (name.length > 0) {
            json.writeStringProperty("name", text());
            json.writeStringProperty("type", Type.string(type));
        }
        json.writeStringProperty("rcode", QueryMetrics.label(rcode));
        json.writeNumberProperty("bytes", length);
        if (choice != null) {
            json.writeStringProperty("cluster", choice.cluster().cluster().id());
            json.writeStringProperty("reason", choice.reason().code());
        }
    }

    private String text() {
        try {
            return new Name(name).toString().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            throw new IllegalStateException("a name that was checked is a name", e);
        }
    }
}
