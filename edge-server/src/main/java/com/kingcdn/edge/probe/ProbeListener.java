package com.kingcdn.edge.probe;

/** Who hears what has come of probes; called once for each, on the prober's thread. */
interface ProbeListener {

    /** An answer has come after so many nanoseconds. */
    void answered(Probe probe, long nanos);

    /** None has come in time. */
    void lost(Probe probe);

    /** It was not sent, for want of something here: that says nothing of the way to the target. */
    void unsent(Probe probe);
}
