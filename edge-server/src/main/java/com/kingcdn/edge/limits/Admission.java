package com.kingcdn.edge.limits;

/** Whether a request may go on. */
public sealed interface Admission {

    /** It may. What it holds is given back with {@link #run}, to be called once, when the response is over. */
    @FunctionalInterface
    non-sealed interface Granted extends Admission, Runnable {}

    /**
     * It may not.
     *
     * @param retryAfterSeconds when it is worth another try, at least 1
     */
    record Denied(LimitReason reason, int retryAfterSeconds) implements Admission {}
}
