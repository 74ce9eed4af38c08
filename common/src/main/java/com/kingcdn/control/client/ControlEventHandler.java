package com.kingcdn.control.client;

import com.kingcdn.control.ControlEvent;
import java.util.OptionalLong;

/** What acts on the control plane's events. All calls come from one thread, one after the other, and may block. */
public interface ControlEventHandler {

    /**
     * A connection is about to be opened. Every event of the connection before has been handled by now, or will come again.
     *
     * @return the last event of the numbered log that has been applied; empty when nothing is known of the log, which then starts
     *     at its present end
     */
    OptionalLong lastEventId();

    /**
     * The next event. When this throws, the connection is dropped and opened again, so a numbered event that was not applied comes
     * again.
     */
    void onEvent(ControlEvent event);
}
