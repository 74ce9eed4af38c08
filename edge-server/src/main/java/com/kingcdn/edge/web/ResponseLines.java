package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import java.time.Clock;

/** The field lines of a response in versions of HTTP that write heads as frames. */
final class ResponseLines {

    private final CacheStatusHeader cacheStatus;
    private final String via;
    private final Clock clock;

    ResponseLines(String node, Clock clock) {
        this.cacheStatus = new CacheStatusHeader(node);
        this.via = "1.1 " + node;
        this.clock = clock;
    }

    /** Who takes field lines. */
    interface Target {

        void line(String name, String value);
    }

    /** Says all field lines of a response. */
    void each(ResponseHead head, Target lines) {
        HeaderFields fields = head.fields();
        boolean dated = false;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            dated |= name.equals("date");
            lines.line(name, fields.value(i));
        }
        if (!dated) {
            lines.line("date", HttpDate.format(clock.millis()));
        }
        if (head.ageSeconds() >= 0) {
            lines.line("age", Long.toString(head.ageSeconds()));
        }
        CacheStatus status = head.cacheStatus();
        if (status != null) {
            lines.line("via", via);
            lines.line("cache-status", cacheStatus.value(status));
        }
        if (head.saysLength()) {
            lines.line("content-length", Long.toString(head.contentLength()));
        }
    }
}
