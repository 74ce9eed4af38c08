package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.transfer.ZoneRequests;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The UDP side where {@link MessageCalls} can be had: threads, each with a socket of its own on a shared port, that wait for datagrams
 * in {@code recvmmsg} and answer all that came with one {@code sendmmsg}. Nothing lies between the kernel and the query's handler.
 */
final class BatchUdpServer implements UdpListener {

    private static final Logger LOG = LoggerFactory.getLogger(BatchUdpServer.class);

    private static final int PLACES = 32;
    private static final int SOCKET_BUFFER = 4 << 20;
    /** How often a thread without work looks whether it is to end. */
    private static final long WAIT_MICROS = 200_000;
    /** A socket that fails at once is not asked again at once. */
    private static final long FAILING_NANOS = 1_000_000;
    /** The most that a closing socket goes on answering. */
    private static final long DRAIN_NANOS = 500_000_000;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;

    private final QueryTaker queries;
    private final List<DatagramOutlet> sockets = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final InetSocketAddress address;
    private volatile boolean closing;

    private BatchUdpServer(InetSocketAddress address, int count, QueryTaker queries) throws IOException {
        this.queries = queries;
        InetSocketAddress bound = address;
        try {
            for (int i = 0; i < count; i++) {
                bound = bind(bound, count > 1);
            }
        } catch (IOException | RuntimeException e) {
            closeSockets();
            throw e instanceof IOException failure ? failure : new IOException(e);
        }
        this.address = bound;
    }

    /**
     * Opens the sockets, as many as there are to be threads, and answers from then on.
     *
     * @throws IOException when the address cannot be bound; the message says which
     */
    static BatchUdpServer open(ListenerSettings settings, QueryTaker queries) throws IOException {
        BatchUdpServer server = new BatchUdpServer(settings.listen(), settings.threads(), queries);
        server.start();
        return server;
    }

    private InetSocketAddress bind(InetSocketAddress address, boolean shared) throws IOException {
        InetAddress host = address.getAddress();
        boolean both = host.isAnyLocalAddress() && Socket.isIPv6Preferred();
        int family = both || host.getAddress().length == 16 ? MessageCalls.IPV6 : MessageCalls.IPV4;
        int descriptor = MessageCalls.socket(family);
        if (descriptor < 0) {
            throw new IOException("cannot listen on UDP " + address + ": no socket to be had");
        }
        Socket socket = new Socket(descriptor);
        sockets.add(new DatagramOutlet(socket));
        try {
            if (both) {
                socket.setIntOpt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
            }
            for (IntegerUnixChannelOption option : DnsTransport.ignorePathMtu(family == MessageCalls.IPV6)) {
                socket.setIntOpt(option.level(), option.optname(), DnsTransport.PATH_MTU_OMITTED);
            }
            if (host.isAnyLocalAddress()) {
                // to which address each question was sent: an answer from another is none to whoever asks
                boolean isIpv6 = family == MessageCalls.IPV6;
                socket.setIntOpt(isIpv6 ? IPPROTO_IPV6 : IPPROTO_IP, isIpv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, 1);
            }
            socket.setReusePort(shared);
            socket.setReceiveBufferSize(SOCKET_BUFFER);
            socket.setSendBufferSize(SOCKET_BUFFER);
            ByteBuffer timeval = ByteBuffer.allocateDirect(2 * Long.BYTES).order(ByteOrder.nativeOrder());
            socket.setRawOpt(
                    SOL_SOCKET,
                    SO_RCVTIMEO,
                    timeval.putLong(0).putLong(WAIT_MICROS).flip());
            socket.bind(address);
            return socket.localAddress();
        } catch (IOException e) {
            throw new IOException("cannot listen on UDP " + address + ": " + e.getMessage(), e);
        }
    }

    private void start() {
        for (DatagramOutlet outlet : sockets) {
            Thread thread = new Thread(() -> serve(outlet), "dns-udp-" + threads.size());
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** Only then nobody else can be given the socket's number while it is still asked for messages. */
    private void serve(DatagramOutlet outlet) {
        try {
            answerAll(outlet);
        } finally {
            close(outlet);
        }
    }

    private void answerAll(DatagramOutlet outlet) {
        DatagramBatch batch = new DatagramBatch(
                PLACES, UdpDnsServer.LONGEST, address.getAddress().isAnyLocalAddress());
        byte[] query = new byte[UdpDnsServer.LONGEST];
        byte[] answer = new byte[UdpDnsServer.LONGEST];
        ThreadSlice.request(ThreadSlice.SHORTEST);
        while (!closing) {
            long asked = System.nanoTime();
            int count = answerBatch(outlet, batch, query, answer, MessageCalls.WAIT_FOR_ONE);
            if (count == 0 && System.nanoTime() - asked < FAILING_NANOS) {
                LockSupport.parkNanos(FAILING_NANOS);
            }
        }
        UdpListener.refuseMore(outlet.socket());
        long deadline = System.nanoTime() + DRAIN_NANOS;
        for (int empty = 0; empty < 2 && System.nanoTime() < deadline; ) {
            if (answerBatch(outlet, batch, query, answer, MessageCalls.DO_NOT_WAIT) == 0 && ++empty == 1) {
                // what another processor was about to put into the queue
                LockSupport.parkNanos(FAILING_NANOS);
            }
        }
    }

    /** Answers what has come. @return how many datagrams that were */
    private int answerBatch(DatagramOutlet outlet, DatagramBatch batch, byte[] query, byte[] answer, int flags) {
        try {
            return answerReceived(outlet, batch, query, answer, flags);
        } catch (RuntimeException | Error e) {
            // no memory, not even to say so: these are lost, the thread and with it the socket must not be
            return 0;
        }
    }

    private int answerReceived(DatagramOutlet outlet, DatagramBatch batch, byte[] query, byte[] answer, int flags) {
        int descriptor = outlet.socket().intValue();
        int count = batch.receive(descriptor, flags);
        for (int i = 0; i < count; i++) {
            int place = i;
            int length = batch.message(i, query);
            Supplier<ZoneRequests.Answer> later = () -> new LaterDatagram(outlet, batch.returnPath(place));
            int answered = answer(query, length, batch.sender(i), later, answer);
            if (answered > 0) {
                batch.answer(i, answer, answered);
            }
        }
        int refused = batch.send(descriptor);
        if (refused > 0) {
            LOG.debug("{} answers were not taken by the kernel, and are dropped as the network would", refused);
        }
        return count;
    }

    private int answer(
            byte[] query, int length, InetSocketAddress client, Supplier<ZoneRequests.Answer> later, byte[] out) {
        // nobody can receive at port 0: the source is forged
        if (client.getPort() == 0) {
            queries.handler().ignored(client.getAddress());
            return 0;
        }
        try {
            return queries.answer(query, length, client, Transport.UDP, out, later);
        } catch (RuntimeException | Error e) {
            // without its thread the socket would still be given its share of queries, and answer none
            MessageFailures.failed(Transport.UDP, e);
            return 0;
        }
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public boolean hasFilters() {
        return true;
    }

    @Override
    public void eachFilter(Consumer<SocketFilter> task) {
        sockets.forEach(outlet -> outlet.filter(task));
    }

    @Override
    public void close() {
        closing = true;
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.MICROSECONDS.toMillis(10 * WAIT_MICROS));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (thread.isAlive()) {
                LOG.warn("{} still answers a query: its socket is closed when it has", thread.getName());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeSockets() {
        sockets.forEach(BatchUdpServer::close);
    }

    private static void close(DatagramOutlet outlet) {
        try {
            outlet.close();
        } catch (IOException e) {
            LOG.debug("UDP socket", e);
        }
    }
}
