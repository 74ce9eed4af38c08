package com.kingcdn.redirector.query;

import java.net.InetAddress;
import java.time.InstantSource;

/**
 * The maker and judge of server cookies (RFC 7873) in the form that all servers of an anycast address understand (RFC 9018).
 *
 * <p>A cookie has a version, a timestamp, and a hash over these, the client's cookie and address under a secret. So nothing is kept for
 * a client. It is good for an hour, and made anew when half of that is over. Thread-safe.
 */
final class Cookies {

    static final int CLIENT_LENGTH = 8;
    /** Version 1, 3 reserved bytes, a timestamp of 4 bytes, a hash of 8. */
    static final int SERVER_LENGTH = 16;
    /** The whole option of a response. */
    static final int OPTION_LENGTH = 4 + CLIENT_LENGTH + SERVER_LENGTH;

    static final int OPTION_CODE = 10;

    private static final int VERSION = 1;
    private static final int MOST_SECONDS_OLD = 3600;
    private static final int MOST_SECONDS_AHEAD = 300;
    private static final int RENEWED_AFTER_SECONDS = 1800;

    private final CookieSecrets secrets;
    private final InstantSource clock;

    Cookies(CookieSecrets secrets, InstantSource clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    CookieState check(QueryMessage query, InetAddress client) {
        int length = query.cookieLength();
        if (length == 0) {
            return CookieState.ABSENT;
        }
        if (length == CLIENT_LENGTH) {
            return CookieState.NEW;
        }
        byte[] bytes = query.bytes();
        int server = query.cookieOffset() + CLIENT_LENGTH;
        if (length != CLIENT_LENGTH + SERVER_LENGTH || bytes[server] != VERSION) {
            return CookieState.INVALID;
        }
        // serial number arithmetic, so that the year 2106 is no end (RFC 9018 section 4.3)
        int age = now() - timestamp(bytes, server);
        if (age > MOST_SECONDS_OLD || age < -MOST_SECONDS_AHEAD) {
            return CookieState.INVALID;
        }
        long hash = SipHash.littleEndian(bytes, server + 8, 8);
        byte[] input = input(bytes, query.cookieOffset(), bytes, server, client);
        if (secrets.current().hash(input) == hash) {
            return age < RENEWED_AFTER_SECONDS ? CookieState.VALID : CookieState.OLD;
        }
        for (CookieSecrets.Secret secret : secrets.accepted()) {
            if (secret.hash(input) == hash) {
                return CookieState.OLD;
            }
        }
        return CookieState.INVALID;
    }

    /** Writes the option of a response to a query that has one; the result is where it ends. */
    int write(QueryMessage query, CookieState state, InetAddress client, byte[] out, int offset) {
        out[offset] = 0;
        out[offset + 1] = OPTION_CODE;
        out[offset + 2] = 0;
        out[offset + 3] = CLIENT_LENGTH + SERVER_LENGTH;
        int cookie = offset + 4;
        int server = cookie + CLIENT_LENGTH;
        int end = server + SERVER_LENGTH;
        boolean keep = state == CookieState.VALID;
        System.arraycopy(
                query.bytes(), query.cookieOffset(), out, cookie, keep ? CLIENT_LENGTH + SERVER_LENGTH : CLIENT_LENGTH);
        if (keep) {
            return end;
        }
        out[server] = VERSION;
        out[server + 1] = 0;
        out[server + 2] = 0;
        out[server + 3] = 0;
        int now = now();
        for (int i = 0; i < 4; i++) {
            out[server + 4 + i] = (byte) (now >>> (24 - 8 * i));
        }
        long hash = secrets.current().hash(input(out, cookie, out, server, client));
        for (int i = 0; i < 8; i++) {
            out[server + 8 + i] = (byte) (hash >>> (8 * i));
        }
        return end;
    }

    private int now() {
        return (int) (clock.millis() / 1000);
    }

    private static int timestamp(byte[] bytes, int server) {
        return Integer.reverseBytes((int) SipHash.littleEndian(bytes, server + 4, 4));
    }

    /** Client cookie, version, reserved bytes, timestamp, client address (RFC 9018 section 4.4). */
    private static byte[] input(byte[] clientCookie, int at, byte[] serverCookie, int server, InetAddress client) {
        byte[] address = client.getAddress();
        byte[] input = new byte[CLIENT_LENGTH + 8 + address.length];
        System.arraycopy(clientCookie, at, input, 0, CLIENT_LENGTH);
        System.arraycopy(serverCookie, server, input, CLIENT_LENGTH, 8);
        System.arraycopy(address, 0, input, CLIENT_LENGTH + 8, address.length);
        return input;
    }
}
