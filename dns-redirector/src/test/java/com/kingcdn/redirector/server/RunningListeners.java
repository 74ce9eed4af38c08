package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Listeners for UDP, TCP and TLS on free ports of the loopback that answer from {@link SnapshotFixture} while a test runs, and their
 * clients' sockets.
 */
final class RunningListeners implements BeforeEachCallback, AfterEachCallback {

    static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    static final int DEADLINE_MILLIS = 10_000;
    static final TcpKeepalive KEEPALIVE = new TcpKeepalive(Duration.ofSeconds(1));

    private @Nullable DnsListeners open;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        reopen(new ListenerSettings.Tcp(Duration.ofSeconds(30), 10, 4));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    /** Others in their place. */
    void reopen(ListenerSettings.Tcp tcp) throws IOException {
        close();
        open = DnsListeners.open(
                new ListenerSettings(LOOPBACK, 2, tcp, new ListenerSettings.Tls(LOOPBACK, null, null, null), null),
                handler(),
                KEEPALIVE);
    }

    void close() {
        if (open != null) {
            open.close();
        }
    }

    private DnsListeners listeners() {
        return Objects.requireNonNull(open);
    }

    static QueryHandler handler() {
        ServingSnapshot snapshot = SnapshotFixture.snapshot();
        return new QueryHandler(() -> snapshot, QueryLog.NONE);
    }

    InetSocketAddress address() {
        return listeners().dnsAddress();
    }

    DatagramSocket udp() throws IOException {
        DatagramSocket socket = new DatagramSocket();
        socket.connect(listeners().dnsAddress());
        socket.setSoTimeout(500);
        return socket;
    }

    Socket tcp() throws IOException {
        return connect(listeners().dnsAddress());
    }

    /** One that does not speak TLS at the port for it. */
    Socket plainForTls() throws IOException {
        return connect(Objects.requireNonNull(listeners().dotAddress()));
    }

    Socket tls() throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        Socket plain = plainForTls();
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true);
        socket.startHandshake();
        return socket;
    }

    private static Socket connect(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address, DEADLINE_MILLIS);
        socket.setSoTimeout(DEADLINE_MILLIS);
        return socket;
    }

    /** Connections that are open now, by the metric. */
    static double connections(String transport) {
        return CollectorRegistry.defaultRegistry.getSampleValue(
                "kingcdn_redirector_connections", new String[] {"transport"}, new String[] {transport});
    }
}
