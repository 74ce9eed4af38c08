package com.kingcdn.redirector.dnssec;

/** How many signatures may be made for what nobody is likely to ask again: a rate, with one second's worth at once. Thread-safe. */
final class SigningBudget {

    private final double perMilli;
    private final double most;
    private double left;
    private long filledAt;

    SigningBudget(int perSecond, long nowMillis) {
        this.perMilli = perSecond / 1000.0;
        this.most = perSecond;
        this.left = perSecond;
        this.filledAt = nowMillis;
    }

    /** Takes one signature from the budget, or says that it is used up. */
    synchronized boolean take(long nowMillis) {
        if (nowMillis > filledAt) {
            left = Math.min(most, left + (nowMillis - filledAt) * perMilli);
        }
        // a clock that is set back must not stop the filling
        filledAt = nowMillis;
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
