package com.kingcdn.edge.probe;

import com.kingcdn.control.ProbeTarget;

/** One probe that is to be sent; to be given back to its schedule once, as answered or lost. */
record Probe(ProbeTarget target, ProbeStep step, ProbedTarget state) {}
