package com.kingcdn.systemtest;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Queries at a steady rate to one or more redirectors, whatever comes of them: sent when they are due, and not when the ones before are
 * answered. Each goes to the redirectors in turn; one without an answer in time goes to the next one too, as a resolver would. One thread.
 */
final class DnsLoad {

    private static final int SOCKETS = 4;
    private static final int BUFFER = 4 << 20;
    private static final long PAUSE_NANOS = 50_000;
    /** After a pause that this process was made to have, what has become due is not sent all at once. */
    private static final int BURST = 16;
    /** How long answers are waited for after the last query. */
    private static final long LATEST_NANOS = TimeUnit.SECONDS.toNanos(2);

    /**
     * What is asked, and how.
     *
     * @param queries by number, of which the first two bytes are to be set
     * @param retryAfter without an answer for so long the next redirector is asked too
     * @param isSpinning never gives its processor away, for exact times
     */
    record Plan(
            List<InetSocketAddress> servers,
            int perSecond,
            int most,
            IntFunction<byte[]> queries,
            Duration retryAfter,
            boolean isSpinning) {}

    /**
     * What came of it.
     *
     * @param sent queries, each counted once
     * @param retried of those, how many had no answer in time from the first redirector asked
     * @param unanswered of those, how many had none from any
     * @param wrong answers that were no addresses
     * @param nanos from when each query was due to its first answer, sorted
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Result(int sent, int retried, int unanswered, int wrong, long[] nanos) {

        double millis(double quantile) {
            return nanos.length == 0 ? Double.NaN : nanos[(int) (quantile * (nanos.length - 1))] / 1e6;
        }

        @Override
        public String toString() {
            return ("%d queries, %d asked again, %d unanswered, %d wrong; p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms,"
                            + " longest %.1f ms")
                    .formatted(sent, retried, unanswered, wrong, millis(.5), millis(.99), millis(.999), millis(1));
        }
    }

    private static final class Client {
        private final DatagramChannel channel;
        private final int[] asked = new int[1 << 16];
        private int nextId;

        Client(InetSocketAddress server) throws IOException {
            channel = DatagramChannel.open();
            channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            channel.connect(server);
            channel.configureBlocking(false);
            Arrays.fill(asked, -1);
        }
    }

    private final Plan plan;
    private final List<Client> clients = new ArrayList<>();
    private final ByteBuffer out = ByteBuffer.allocateDirect(512);
    private final ByteBuffer in = ByteBuffer.allocateDirect(4096);
    private final long[] due;
    private final long[] askedAt;
    private final long[] answeredAfter;
    private volatile boolean stopped;
    private int sent;
    private int checked;
    private int retried;
    private int wrong;

    DnsLoad(Plan plan) throws IOException {
        this.plan = plan;
        due = new long[plan.most()];
        askedAt = new long[plan.most()];
        answeredAfter = new long[plan.most()];
        Arrays.fill(answeredAfter, -1);
        for (int i = 0; i < SOCKETS; i++) {
            for (InetSocketAddress server : plan.servers()) {
                clients.add(new Client(server));
            }
        }
    }

    /** Ends {@link #run} early, once what was sent is answered. */
    void stop() {
        stopped = true;
    }

    /** Sends all of them, and waits for the last answers. */
    Result run() throws IOException {
        long begin = System.nanoTime();
        long interval = TimeUnit.SECONDS.toNanos(1) / plan.perSecond();
        while (!stopped && sent < plan.most()) {
            long now = System.nanoTime();
            for (int i = 0; i < BURST && sent < plan.most() && begin + sent * interval <= now; i++) {
                due[sent] = begin + sent * interval;
                askedAt[sent] = now;
                ask(sent, sent % clients.size());
                sent++;
            }
            turn();
        }
        long end = System.nanoTime() + LATEST_NANOS;
        while (System.nanoTime() < end && !isComplete()) {
            turn();
        }
        for (Client client : clients) {
            client.channel.close();
        }
        long[] nanos = Arrays.stream(answeredAfter, 0, sent)
                .filter(each -> each >= 0)
                .sorted()
                .toArray();
        return new Result(sent, retried, sent - nanos.length, wrong, nanos);
    }

    private boolean isComplete() {
        for (int i = 0; i < sent; i++) {
            if (answeredAfter[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /** Reads what has come, and asks the next redirector where that was nothing. */
    private void turn() throws IOException {
        boolean idle = true;
        for (Client client : clients) {
            idle &= !read(client);
        }
        long late = System.nanoTime() - plan.retryAfter().toNanos();
        while (checked < sent && askedAt[checked] < late) {
            if (answeredAfter[checked] < 0) {
                retried++;
                // neighbours in the list are of different servers
                ask(checked, (checked + 1) % clients.size());
            }
            checked++;
        }
        if (idle && !plan.isSpinning()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void ask(int number, int to) throws IOException {
        Client client = clients.get(to);
        int id = client.nextId++ & 0xffff;
        client.asked[id] = number;
        out.clear();
        out.put(plan.queries().apply(number)).putShort(0, (short) id).flip();
        try {
            client.channel.write(out);
        } catch (PortUnreachableException e) {
            // what came of an earlier query; this one has still to go
            writeAgain(client);
        }
    }

    private void writeAgain(Client client) throws IOException {
        try {
            client.channel.write(out);
        } catch (PortUnreachableException e) {
            // then it is asked again in time, as one that is lost
        }
    }

    private boolean read(Client client) throws IOException {
        boolean some = false;
        while (true) {
            in.clear();
            try {
                if (client.channel.read(in) <= 0) {
                    return some;
                }
            } catch (PortUnreachableException e) {
                return true;
            }
            some = true;
            in.flip();
            int number = client.asked[in.getShort(0) & 0xffff];
            if (number >= 0 && answeredAfter[number] < 0) {
                answeredAfter[number] = System.nanoTime() - due[number];
                wrong += (in.get(3) & 15) == 0 && in.getShort(6) > 0 ? 0 : 1;
            }
        }
    }
}
