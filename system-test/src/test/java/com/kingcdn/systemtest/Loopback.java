package com.kingcdn.systemtest;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** A choice of addresses and ports on 127.0.0.0/8 that nobody else uses. */
final class Loopback {

    private static final int ATTEMPTS = 100;

    private final Random random = new Random();
    private final String network;
    private final Set<Integer> given = new HashSet<>();

    /** Takes a /24 of its own, so that CDNs of two runs do not meet. */
    Loopback() {
        network = "127." + (10 + random.nextInt(240)) + "." + (1 + random.nextInt(250)) + ".";
    }

    String address(int host) {
        return network + host;
    }

    /** A port that is free for TCP and UDP on all these addresses, another each time, below those that systems give out by themselves. */
    int port(String... addresses) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = 10_000 + random.nextInt(20_000);
            if (isFree(port, addresses) && given.add(port)) {
                return port;
            }
        }
        throw new IOException("no free port on " + String.join(", ", addresses));
    }

    private static boolean isFree(int port, String... addresses) throws IOException {
        for (String address : addresses) {
            InetAddress inet = InetAddress.getByName(address);
            try (ServerSocket tcp = new ServerSocket()) {
                tcp.bind(new InetSocketAddress(inet, port));
                new DatagramSocket(port, inet).close();
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }
}
