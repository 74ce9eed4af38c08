package com.kingcdn.redirector.transfer;

import java.time.Duration;

/**
 * How much of our time and memory a primary may take with one transfer.
 *
 * @param silence how long it may take for a connection, and for the next bytes
 * @param whole how long for all of it
 * @param bytes of all messages
 * @param records of all messages
 */
record TransferLimits(Duration silence, Duration whole, long bytes, int records) {

    static final TransferLimits DEFAULT =
            new TransferLimits(Duration.ofSeconds(15), Duration.ofMinutes(5), 1L << 30, 5_000_000);
}
