package com.kingcdn.edge.agent;

/** What the applier asks of the agent around it. Callable from any thread. */
interface AgentSignals {

    /** The position has changed: call {@link EventApplier#commit} soon. */
    void changed();

    /** The outbox has something: report soon. */
    void reportable();

    /** Runs something on the agent's thread, soon. */
    void run(Runnable action);
}
