/**
 * What Prometheus reads: the exposition of a process's metrics.
 *
 * <p><em>Starting point:</em> {@link com.kingcdn.metrics.MetricsHandler}.
 */
@NullMarked
package com.kingcdn.metrics;

import org.jspecify.annotations.NullMarked;
