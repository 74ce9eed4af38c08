package com.kingcdn.edge.probe;

import com.kingcdn.control.RttMethod;

/** One way to probe a target: by which method, at which port. */
record ProbeStep(RttMethod method, int port) {}
