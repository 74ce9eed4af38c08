package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.query.CookieSecrets;
import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.query.QueryPolicy;
import com.kingcdn.redirector.query.RateLimitSettings;
import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.Socket;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Type;

/** A flood is kept away from the sockets while it lasts, and no longer. */
class FloodGuardTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** So that a flood is there at each look. */
    private static final Duration BETWEEN_BURSTS = Duration.ofMillis(2);

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();
    private final QueryHandler handler = new QueryHandler(
            () -> snapshot,
            QueryLog.NONE,
            new QueryPolicy(
                    CookieSecrets.random(0),
                    "",
                    new TcpKeepalive(Duration.ofSeconds(10)),
                    new RateLimitSettings(10, 10, 1, 0, 0, List.of())),
            source -> {});
    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, DnsTransport.best().ioHandlers());

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @ParameterizedTest
    @MethodSource("com.kingcdn.redirector.server.UdpWay#all")
    void theKernelDropsAFloodAndOthersAreAnswered(UdpWay way) throws Exception {
        ListenerSettings settings = new ListenerSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                1,
                ListenerSettings.Tcp.DEFAULT,
                null,
                null);
        FloodMetrics.register();
        double before = metric("udp_dropped_total");
        try (UdpListener listener = way.open(settings, new QueryTaker(handler, null), group);
                FloodGuard guard = FloodGuard.start(listener, handler.floods());
                DatagramSocket loud = client("127.0.7.1");
                DatagramSocket other = client("127.0.9.1")) {
            assertThat(guard).isNotNull();
            await("filter")
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(BETWEEN_BURSTS)
                    .until(() -> {
                        burst(loud, listener.address());
                        return metric("filtered_prefixes") > 0;
                    });
            await("drops")
                    .atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(BETWEEN_BURSTS)
                    .until(() -> {
                        burst(loud, listener.address());
                        return metric("udp_dropped_total") - before > 1_000;
                    });
            other.send(query(listener.address(), 77));
            assertThat(DnsMessages.receive(other).getHeader().getID()).isEqualTo(77);
            await("end of the flood").atMost(PATIENCE).until(() -> metric("filtered_prefixes") == 0);
            assertThat(metric("filter_changes_total")).isGreaterThanOrEqualTo(2);
            try (DatagramSocket late = client("127.0.7.1")) {
                // its bucket fills again, and nothing keeps it away
                late.send(query(listener.address(), 78));
                assertThat(DnsMessages.receive(late).getHeader().getID()).isEqualTo(78);
            }
        }
    }

    /** As where a sandbox forbids it. */
    @Test
    void whereTheKernelFiltersNothingItIsNotAskedAgain() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        FloodMetrics.register();
        Socket socket = Socket.newSocketDgram();
        socket.setIntOpt(SocketFilterTest.SOL_SOCKET, SocketFilterTest.SO_LOCK_FILTER, 1);
        SocketFilter locked = new SocketFilter(socket);
        double changes = metric("filter_changes_total");
        try (FloodGuard guard = FloodGuard.start(listener(locked, asked), handler.floods())) {
            assertThat(guard).isNotNull();
            askUntil("tried, and given up", () -> metric("filter_changes_total") - changes == 2);
            assertThat(metric("filtered_prefixes")).isZero();
            int looks = asked.get();
            askUntil("drops are counted still", () -> asked.get() > looks + 1);
            assertThat(metric("filter_changes_total") - changes).isEqualTo(2);
        } finally {
            socket.close();
        }
    }

    /** NIO does not show the sockets: nothing may be said to be filtered. */
    @Test
    void saysNothingIsFilteredWhereThereAreNoFilters() throws Exception {
        ListenerSettings settings = new ListenerSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                1,
                ListenerSettings.Tcp.DEFAULT,
                null,
                null);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, DnsTransport.NIO.ioHandlers());
        FloodMetrics.register();
        double changes = metric("filter_changes_total");
        try (UdpListener listener =
                        UdpDnsServer.open(settings, new QueryTaker(handler, null), DnsTransport.NIO, loops);
                FloodGuard guard = FloodGuard.start(listener, handler.floods())) {
            assertThat(guard).isNotNull();
            assertThat(listener.hasFilters()).isFalse();
            askUntil("a flood", () -> !handler.floods().look(System.nanoTime()).isEmpty());
            await("nobody acts on it")
                    .atMost(PATIENCE)
                    .during(FloodGuard.INTERVAL.multipliedBy(10))
                    .until(() -> metric("filter_changes_total") == changes && metric("filtered_prefixes") == 0);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    /** What is filtered would remain so if nobody looked any more. */
    @Test
    void wantOfMemoryEndsNoLooks() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        Socket socket = Socket.newSocketDgram();
        UdpListener poor = listener(new SocketFilter(socket), asked, new AtomicInteger(Integer.MAX_VALUE));
        try (FloodGuard guard = FloodGuard.start(poor, handler.floods())) {
            assertThat(guard).isNotNull();
            await("the next count").atMost(PATIENCE).until(() -> asked.get() > 1);
        } finally {
            socket.close();
        }
    }

    /** Else what is filtered would remain so: no socket was rid of its filter. */
    @Test
    void wantOfMemoryPutsTheEndOfAFilterOffNoLongerThanItLasts() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        FloodMetrics.register();
        Socket socket = Socket.newSocketDgram();
        SocketFilter filter = new SocketFilter(socket);
        try (FloodGuard guard = FloodGuard.start(listener(filter, asked, failures), handler.floods())) {
            assertThat(guard).isNotNull();
            askUntil("filter", () -> metric("filtered_prefixes") > 0);
            failures.set(10);
            await("the end of it").atMost(PATIENCE).until(() -> metric("filtered_prefixes") == 0);
            assertThat(failures).as("failures that were not outlasted").hasValueLessThanOrEqualTo(0);
        } finally {
            socket.close();
        }
    }

    /** Else a share of what comes from there would stay away for good. */
    @Test
    void aFilterThatTheKernelKeepsIsTakenAwayLater() throws IOException {
        AtomicInteger failures = new AtomicInteger(10);
        FloodMetrics.register();
        Socket socket = new StubbornSocket(SocketFilterTest.SO_DETACH_FILTER, failures);
        SocketFilter filter = new SocketFilter(socket);
        try (FloodGuard guard = FloodGuard.start(listener(filter, new AtomicInteger()), handler.floods())) {
            assertThat(guard).isNotNull();
            askUntil("filter", () -> metric("filtered_prefixes") > 0);
            await("the end of it").atMost(PATIENCE).until(() -> metric("filtered_prefixes") == 0);
            assertThat(failures).as("failures that were not outlasted").hasValueLessThanOrEqualTo(0);
            askUntil("looks go on", () -> metric("filtered_prefixes") > 0);
            // the tests after this one begin with none
            await("the end of that").atMost(PATIENCE).until(() -> metric("filtered_prefixes") == 0);
        } finally {
            socket.close();
        }
    }

    /** As on Netty's channels, whose loops are asked and answer later. */
    @Test
    void aFilterThatTheKernelKeepsIsTakenAwayLaterOnAnotherThreadToo() throws IOException {
        AtomicInteger failures = new AtomicInteger(10);
        FloodMetrics.register();
        Socket socket = new StubbornSocket(SocketFilterTest.SO_DETACH_FILTER, failures);
        UdpListener direct = listener(new SocketFilter(socket), new AtomicInteger());
        ExecutorService loop = Executors.newSingleThreadExecutor();
        try (FloodGuard guard = FloodGuard.start(on(loop, direct), handler.floods())) {
            assertThat(guard).isNotNull();
            askUntil("filter", () -> metric("filtered_prefixes") > 0);
            await("the end of it").atMost(PATIENCE).until(() -> failures.get() < 0);
        } finally {
            loop.shutdownNow();
            socket.close();
        }
    }

    private static UdpListener on(Executor loop, UdpListener listener) {
        return new UdpListener() {
            @Override
            public InetSocketAddress address() {
                return listener.address();
            }

            @Override
            public boolean hasFilters() {
                return listener.hasFilters();
            }

            @Override
            public void eachFilter(Consumer<SocketFilter> task) {
                loop.execute(() -> listener.eachFilter(task));
            }

            @Override
            public void close() {
                listener.close();
            }
        };
    }

    private static UdpListener listener(SocketFilter filter, AtomicInteger asked) {
        return listener(filter, asked, new AtomicInteger());
    }

    /** @param failures how often there is no memory from now on */
    private static UdpListener listener(SocketFilter filter, AtomicInteger asked, AtomicInteger failures) {
        return new UdpListener() {
            @Override
            public InetSocketAddress address() {
                throw new AssertionError("not asked for");
            }

            @Override
            public boolean hasFilters() {
                return true;
            }

            @Override
            public void eachFilter(Consumer<SocketFilter> task) {
                asked.incrementAndGet();
                if (failures.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("as a test has it");
                }
                task.accept(filter);
            }

            @Override
            public void close() {}
        };
    }

    /** Asks as a flood does until something is seen of it. */
    private void askUntil(String what, Callable<Boolean> seen) {
        await(what)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(BETWEEN_BURSTS)
                .until(() -> {
                    ask();
                    return seen.call();
                });
    }

    private void ask() {
        byte[] query = DnsMessages.query("static.kingcdn.example.", Type.A, 1);
        byte[] out = new byte[1232];
        InetSocketAddress client = new InetSocketAddress("192.0.2.1", 53);
        for (int i = 0; i < 500; i++) {
            handler.answer(query, query.length, client, Transport.UDP, out);
        }
    }

    private static void burst(DatagramSocket socket, InetSocketAddress server) throws IOException {
        for (int i = 0; i < 500; i++) {
            socket.send(query(server, 1));
        }
    }

    private static java.net.DatagramPacket query(InetSocketAddress server, int id) {
        byte[] wire = DnsMessages.query("static.kingcdn.example.", Type.A, id);
        return new java.net.DatagramPacket(wire, wire.length, server);
    }

    private static DatagramSocket client(String address) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 0));
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static double metric(String name) {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_" + name);
    }
}
