package com.kingcdn.edge.upstream;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;

/** How long an endpoint asks to be left alone (RFC 9110 section 10.2.3), pure. */
final class RetryAfter {

    /** However long it asks for: an origin that is back must not stay idle for an hour. */
    static final long MOST_MILLIS = 30_000;

    private RetryAfter() {}

    /**
     * Until when.
     *
     * @return Unix time in milliseconds; 0 when it does not ask
     */
    static long until(int status, HeaderFields fields, long nowMillis) {
        if (status != 503 && status != 429) {
            return 0;
        }
        String value = fields.first("retry-after");
        if (value == null) {
            return 0;
        }
        long until = value.matches("[0-9]{1,9}")
                ? nowMillis + 1000 * Long.parseLong(value)
                : HttpDate.parse(value, nowMillis).orElse(0);
        return until <= nowMillis ? 0 : Math.min(until, nowMillis + MOST_MILLIS);
    }
}
