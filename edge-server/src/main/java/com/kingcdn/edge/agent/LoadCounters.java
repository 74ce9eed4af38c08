package com.kingcdn.edge.agent;

import java.util.function.LongSupplier;

/**
 * Where load is read from; all may be read from any thread.
 *
 * @param requests answered on the content port since the start
 * @param bytesSent to clients since the start
 * @param openConnections on the content port now
 */
public record LoadCounters(LongSupplier requests, LongSupplier bytesSent, LongSupplier openConnections) {}
