package com.kingcdn.redirector.api;

import java.util.List;

/** Where the events of one edge go. */
public interface EventSink {

    /** Whether the edge is still there. */
    boolean isOpen();

    /** Whether it has taken the write before. */
    boolean isReady();

    /** Has this run, on any thread, whenever it has become ready. Set before the first write. */
    void onReady(Runnable task);

    /** Writes these one after the other and flushes; only when ready. They are shared by all edges: not to be changed. */
    void write(List<byte[]> octets);

    /** Ends the connection after what was written. */
    void end();

    /** Ends the connection at once, whatever has not been taken. */
    void cut();
}
