package com.kingcdn.redirector.health;

import com.kingcdn.control.HealthReport;

/**
 * What is known of an edge node that has reported.
 *
 * @param silentMillis since its last report
 * @param live whether that is short enough to believe it
 */
public record NodeHealth(HealthReport report, long silentMillis, boolean live) {}
