package com.kingcdn.redirector.publish;

import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.rtt.RttMap;

/**
 * What edges have reported, by one monotonic clock.
 *
 * @param health who is up
 * @param load how much each does, and could do
 * @param rtt what they have measured
 */
public record EdgeReports(ClusterHealth health, LoadTracker load, RttMap rtt) {}
