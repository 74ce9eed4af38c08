package com.kingcdn.redirector.api;

import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.rtt.RttMap;

/** Where reports go. */
record ReportSinks(ClusterHealth health, LoadTracker load, RttMap rtt) {}
