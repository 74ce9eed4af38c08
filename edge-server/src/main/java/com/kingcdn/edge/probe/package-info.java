/**
 * How far away the world's resolvers and clients are: probes of resolvers within a budget, and what the kernel knows of clients' connections.
 *
 * <p><em>Starting points:</em> {@link com.kingcdn.edge.probe.ProbeSchedule}, which decides whom to probe when (pure), {@link
 * com.kingcdn.edge.probe.RttProber}, which does it, and {@link com.kingcdn.edge.probe.PassiveRtt}.
 */
@NullMarked
package com.kingcdn.edge.probe;

import org.jspecify.annotations.NullMarked;
