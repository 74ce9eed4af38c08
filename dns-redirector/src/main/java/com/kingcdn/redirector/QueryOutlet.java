package com.kingcdn.redirector;

import com.kingcdn.log.JsonLinesLog;
import com.kingcdn.redirector.query.QueryLog;
import org.jspecify.annotations.Nullable;

/** The query log's file, if there is one, open until the context closes. */
record QueryOutlet(@Nullable JsonLinesLog lines) implements AutoCloseable {

    QueryLog log() {
        return lines == null ? QueryLog.NONE : QueryLog.to(lines);
    }

    @Override
    public void close() {
        if (lines != null) {
            lines.close();
        }
    }
}
