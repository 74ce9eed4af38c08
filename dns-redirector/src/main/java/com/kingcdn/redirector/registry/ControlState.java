package com.kingcdn.redirector.registry;

import java.util.List;

/** What a {@link ControlStore} feeds: the memory that its changes add up to. */
public interface ControlState {

    /** Takes in one durable change. Called by one thread at a time, in the order of the store. */
    void apply(ControlChange change);

    /** The shortest list of changes that makes this state again. Called by the thread that applies. */
    List<ControlChange> changes();
}
