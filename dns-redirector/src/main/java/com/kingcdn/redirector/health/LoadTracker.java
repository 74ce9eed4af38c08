package com.kingcdn.redirector.health;

import com.kingcdn.control.LoadReport;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The load each edge node last reported. Safe for several threads. */
public final class LoadTracker {

    /** How long a report is believed, in milliseconds. */
    public static final long FRESH_MILLIS = 15_000;

    private record Seen(LoadReport report, long atMillis) {}

    private final Map<String, Seen> reports = new ConcurrentHashMap<>();

    /** Takes in a report. */
    public void report(LoadReport report, long nowMillis) {
        reports.put(report.node(), new Seen(report, nowMillis));
    }

    /** A node's load; empty when it has not reported any of late. */
    public Optional<LoadReport> node(String id, long nowMillis) {
        return Optional.ofNullable(reports.get(id))
                .filter(seen -> nowMillis - seen.atMillis <= FRESH_MILLIS)
                .map(Seen::report);
    }
}
