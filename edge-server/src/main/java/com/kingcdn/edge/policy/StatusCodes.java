package com.kingcdn.edge.policy;

/** What status codes mean to a cache (RFC 9110 section 15). */
final class StatusCodes {

    private StatusCodes() {}

    /** Whether a response may be stored without saying how long it is fresh (section 15.1). 206 is stored as a 200. */
    static boolean isHeuristicallyCacheable(int status) {
        return switch (status) {
            case 200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501 -> true;
            default -> false;
        };
    }

    /** Whether this cache does all a status code asks of a cache, as must-understand requires (RFC 9111 section 5.2.2.3). */
    static boolean isUnderstood(int status) {
        return switch (status) {
            case 200, 203, 204, 206, 300, 301, 302, 303, 307, 308 -> true;
            case 400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 413, 414, 415, 417, 421, 422, 426, 429 -> true;
            case 500, 501, 502, 503, 504, 505 -> true;
            default -> false;
        };
    }

    /** Whether an upstream that sends this has failed, so that a stale response may stand in (RFC 5861 section 4). */
    static boolean isFailure(int status) {
        return status == 500 || status == 502 || status == 503 || status == 504;
    }
}
