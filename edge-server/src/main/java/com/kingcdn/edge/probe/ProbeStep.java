package com.kingcdn.edge.probe;

import com.kingcdn.control.RttMethod;

/** One way to probe a target: by which method, at which port (0 where there are none). */
record ProbeStep(RttMethod method, int port) {}
