package com.kingcdn.systemtest;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A resolver on loopback that refuses every query, over a network of ours: as late as is set for the asking address, sometimes or not at all. */
final class DelayingResolver implements AutoCloseable {

    private static final int QUERY = 512;
    private static final int RESPONSE_REFUSED = 0x8005;

    private final DatagramSocket socket;
    private final Map<String, Integer> delays = new ConcurrentHashMap<>();
    private final Map<String, Integer> losses = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private final Map<String, Long> askedAtNanos = new ConcurrentHashMap<>();
    private final ScheduledExecutorService network = Executors.newSingleThreadScheduledExecutor();
    private final Thread receiver = new Thread(this::receive, "delaying-resolver");
    private volatile boolean dead;

    DelayingResolver(String address, int port) throws IOException {
        socket = new DatagramSocket(port, InetAddress.getByName(address));
        receiver.start();
    }

    /** How long what is asked from there is under way, in milliseconds. */
    void delay(String from, int millis) {
        delays.put(from, millis);
    }

    /** Of what is asked from there, all is lost but one of so many. */
    void answerOneOf(String from, int queries) {
        losses.put(from, queries);
    }

    /** Answers nobody any more. */
    void die() {
        dead = true;
    }

    /** How many queries have come from there. */
    int asked(String from) {
        return asked.computeIfAbsent(from, key -> new AtomicInteger()).get();
    }

    /** Whether a query has come from there, and none for so long. */
    boolean isQuiet(String from, Duration time) {
        @Nullable Long last = askedAtNanos.get(from);
        return last != null && System.nanoTime() - last >= time.toNanos();
    }

    private void receive() {
        while (true) {
            DatagramPacket packet = new DatagramPacket(new byte[QUERY], QUERY);
            try {
                socket.receive(packet);
            } catch (IOException e) {
                return;
            }
            String from = packet.getAddress().getHostAddress();
            askedAtNanos.put(from, System.nanoTime());
            int number = asked.computeIfAbsent(from, key -> new AtomicInteger()).incrementAndGet();
            boolean lost = losses.containsKey(from) && number % losses.get(from) != 0;
            if (!dead && !lost) {
                byte[] answer = packet.getData();
                answer[2] = (byte) (RESPONSE_REFUSED >> 8);
                answer[3] = (byte) RESPONSE_REFUSED;
                network.schedule(() -> send(packet), delays.getOrDefault(from, 0), TimeUnit.MILLISECONDS);
            }
        }
    }

    private void send(DatagramPacket answer) {
        try {
            socket.send(answer);
        } catch (SocketException e) {
            // closed meanwhile
            network.shutdown();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        socket.close();
        network.shutdownNow();
        try {
            receiver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
