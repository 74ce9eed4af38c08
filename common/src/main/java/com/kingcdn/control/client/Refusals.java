package com.kingcdn.control.client;

/** The words for what can go wrong with the control plane: what, where, and what to do. */
final class Refusals {

    private Refusals() {}

    static ControlPlaneException of(String call, int status) {
        String advice =
                switch (status) {
                    case 401 ->
                        "the token is not accepted: compare this edge's token file with the redirector's edge token file";
                    case 403 -> "the token is of another role: edges need the edge token";
                    case 404 -> "nothing there: is this the URL of a redirector's control API?";
                    default -> "refused";
                };
        return new ControlPlaneException(call + " answered " + status + ": " + advice, status, null);
    }

    static ControlPlaneException wrap(String call, Throwable failure) {
        return failure instanceof ControlPlaneException known
                ? known
                : new ControlPlaneException(call + " failed: " + failure, 0, failure);
    }
}
