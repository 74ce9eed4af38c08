package com.kingcdn.redirector.transfer;

import java.net.InetSocketAddress;

/** Who takes the messages that are no plain questions: transfers, updates, notifications, and all that are signed. */
@FunctionalInterface
public interface ZoneRequests {

    /** Where the messages of one answer go. */
    interface Answer {

        /** Whether the request came as a datagram, which one datagram answers. */
        boolean isDatagram();

        /**
         * Sends one message; waits, for a bounded time, while the client does not take what was sent before.
         *
         * @return false when the client is gone, or too slow
         */
        boolean send(byte[] message);

        /** Sends the one message of a short answer, and never waits: the threads for these are few, and anybody can ask for some. */
        default void reply(byte[] message) {
            send(message);
        }
    }

    /**
     * Takes one request and answers it from another thread, or never when it is none or there are too many; returns at once.
     *
     * @param request becomes the taker's own
     */
    void take(byte[] request, InetSocketAddress client, Answer answer);
}
