package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.query.FilteredPrefix;
import com.kingcdn.topology.IpPrefix;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The kernel takes the programs and runs them. */
class SocketFilterTest {

    static final int SOL_SOCKET = 1;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_DETACH_FILTER = 27;
    static final int SO_LOCK_FILTER = 44;
    private static final int SENT = 200;
    private static final int MOST_SHIFT = 16;

    private final Socket socket = Socket.newSocketDgram();
    private final SocketFilter filter = new SocketFilter(socket);

    @BeforeAll
    static void load() {
        assertThat(Epoll.isAvailable()).isTrue();
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
    }

    @Test
    void dropsWhatComesFromAPrefixUntilItIsTakenAway() throws IOException {
        bind("127.0.0.1");
        filter.set(FilterProgram.of(List.of(filtered("127.0.7.0/24", MOST_SHIFT), filtered("::/64", 1))));
        send("127.0.7.9", SENT);
        send("127.0.8.9", SENT);
        assertThat(received()).isBetween(SENT, SENT + 10);
        assertThat(filter.dropped()).isBetween(SENT - 10L, (long) SENT);
        assertThat(filter.dropped()).isZero();
        filter.set(null);
        send("127.0.7.9", SENT);
        assertThat(received()).isEqualTo(SENT);
        assertThat(filter.dropped()).isZero();
    }

    @Test
    void letsTheRightShareIn() throws IOException {
        bind("127.0.0.1");
        filter.set(FilterProgram.of(List.of(filtered("127.0.7.16/28", 2))));
        int in = 0;
        for (int i = 0; i < 40; i++) {
            send("127.0.7.17", 100);
            in += received();
        }
        assertThat(in).as("of 4,000").isBetween(850, 1_150);
        assertThat(filter.dropped()).isEqualTo(4_000L - in);
    }

    /** Whatever the family, the header that is read is the packet's own. */
    @Test
    void aSocketOfBothFamiliesFiltersBoth() throws IOException {
        bind("::");
        filter.set(FilterProgram.of(List.of(filtered("127.0.7.0/24", MOST_SHIFT), filtered("::/56", MOST_SHIFT))));
        send("127.0.7.9", SENT);
        send("::1", SENT);
        assertThat(received()).isLessThan(20);
        send("127.0.8.9", SENT);
        assertThat(received()).isEqualTo(SENT);
        filter.set(FilterProgram.of(List.of(filtered("127.0.7.0/24", MOST_SHIFT))));
        send("::1", SENT);
        assertThat(received()).isEqualTo(SENT);
    }

    @Test
    void theKernelTakesAsManyPrefixesAsThereMayBe() throws IOException {
        bind("127.0.0.1");
        List<FilteredPrefix> most = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            most.add(filtered("2001:db8:" + i + "::/48", 3));
        }
        most.set(31, filtered("127.0.7.0/24", MOST_SHIFT));
        filter.set(FilterProgram.of(most));
        send("127.0.7.9", SENT);
        assertThat(received()).isLessThan(10);
    }

    /** As where programs are hardened: the kernel counts the one before until the next is there. */
    @Test
    void replacesAProgramWhereThereIsNoRoomForBoth() throws IOException {
        AtomicInteger failures = new AtomicInteger();
        Socket small = new StubbornSocket(SO_ATTACH_FILTER, failures);
        try {
            SocketFilter replaced = new SocketFilter(small);
            replaced.set(FilterProgram.of(List.of(filtered("127.0.7.0/24", 1))));
            failures.set(1);
            replaced.set(FilterProgram.of(List.of(filtered("127.0.8.0/24", 1))));
            assertThat(failures).hasNegativeValue();
            failures.set(2);
            assertThatThrownBy(() -> replaced.set(FilterProgram.of(List.of(filtered("127.0.9.0/24", 1)))))
                    .isInstanceOf(IOException.class);
        } finally {
            small.close();
        }
    }

    @Test
    void saysWhenTheKernelTakesNone() throws IOException {
        bind("127.0.0.1");
        socket.setIntOpt(SOL_SOCKET, SO_LOCK_FILTER, 1);
        assertThatThrownBy(() -> filter.set(FilterProgram.of(List.of(filtered("127.0.7.0/24", 1)))))
                .isInstanceOf(IOException.class);
        filter.set(null);
        send("127.0.7.9", SENT);
        assertThat(received()).isEqualTo(SENT);
    }

    private void bind(String address) throws IOException {
        socket.setReceiveBufferSize(4 << 20);
        socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
    }

    /** All are in the queue, or dropped, when it returns: over the loopback a datagram is there once it is sent. */
    private void send(String source, int count) throws IOException {
        InetSocketAddress to = new InetSocketAddress(
                InetAddress.getByName(source.contains(":") ? "::1" : "127.0.0.1"),
                socket.localAddress().getPort());
        try (DatagramSocket sender = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(source), 0))) {
            for (int i = 0; i < count; i++) {
                sender.send(new DatagramPacket(new byte[40], 40, to));
            }
        }
    }

    private int received() throws IOException {
        ByteBuffer datagram = ByteBuffer.allocateDirect(100);
        int count = 0;
        while (socket.recvFrom(datagram.clear(), 0, 100) != null) {
            count++;
        }
        return count;
    }

    private static FilteredPrefix filtered(String prefix, int shift) {
        return new FilteredPrefix(IpPrefix.parse(prefix), shift);
    }
}
