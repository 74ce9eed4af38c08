package com.kingcdn.edge.agent;

import com.kingcdn.topology.Capacity;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where load is read from; all may be read from any thread.
 *
 * @param requests answered on the content port since the start
 * @param bytesSent to clients since the start
 * @param openConnections on the content port now
 * @param capacity the most that this edge shall be asked; null when its operator has not said
 */
public record LoadCounters(
        LongSupplier requests, LongSupplier bytesSent, LongSupplier openConnections, @Nullable Capacity capacity) {}
