package com.kingcdn.systemtest;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** Bytes sent as they are, which no well-behaved client would. */
final class RawSocket {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int LONGEST_ANSWER = 65_536;

    private RawSocket() {}

    /** Sends text over TCP, and gives what comes back until the other side closes or says nothing for long. */
    static String http(String address, int port, String text) throws IOException {
        try (Socket socket = connect(address, port)) {
            try {
                socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            } catch (SocketException e) {
                // refused before all was sent: the answer may be there all the same
            }
            return read(socket.getInputStream());
        }
    }

    /** Sends bytes over TCP and hangs up. */
    static void hangUpAfter(String address, int port, byte[] bytes) throws IOException {
        try (Socket socket = connect(address, port)) {
            socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
            // the other side was faster to hang up
        }
    }

    static void datagrams(String address, int port, Iterable<byte[]> payloads) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            InetAddress to = InetAddress.getByName(address);
            for (byte[] payload : payloads) {
                socket.send(new DatagramPacket(payload, payload.length, to, port));
            }
        }
    }

    private static Socket connect(String address, int port) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
        return socket;
    }

    private static String read(InputStream in) {
        StringBuilder answer = new StringBuilder();
        byte[] piece = new byte[8192];
        try {
            for (int n; answer.length() < LONGEST_ANSWER && (n = in.read(piece)) > 0; ) {
                answer.append(new String(piece, 0, n, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            // reset or timeout: what came is the answer
        }
        return answer.toString();
    }
}
