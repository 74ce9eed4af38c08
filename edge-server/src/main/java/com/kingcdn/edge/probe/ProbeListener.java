package com.kingcdn.edge.probe;

/** Who hears what has come of probes; called once for each, on the prober's thread. */
interface ProbeListener {

    /** An answer has come after so many nanoseconds. */
    void answered(Probe probe, long nanos);

    /** None has come in time, or the probe could not be sent. */
    void lost(Probe probe);
}
