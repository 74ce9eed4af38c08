package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.QueryLog;
import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.SnapshotFixture;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a connection leaves behind; what it answers is in {@link TcpConnectionsTest}. */
class DnsConnectionTest {

    private static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5353);
    /** A header with the opcode of an update, which is a zone request. */
    private static final byte[] UPDATE = {0, 1, 5 << 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    private final ServingSnapshot snapshot = SnapshotFixture.snapshot();

    @Test
    void aDefectEndsTheConnectionAndReleasesWhatWasUnread() {
        QueryTaker defective =
                new QueryTaker(new QueryHandler(() -> snapshot, QueryLog.NONE), (request, client, answer) -> {
                    throw new IllegalStateException("a defect, for this test");
                });
        ConnectionLimits limits =
                new ConnectionLimits(ListenerSettings.Tcp.DEFAULT, new TcpKeepalive(Duration.ofSeconds(10)));
        EmbeddedChannel connection = new EmbeddedChannel(new DnsConnection(defective, Transport.TCP, limits, CLIENT));
        ByteBuf twoMessages = Unpooled.buffer()
                .writeShort(UPDATE.length)
                .writeBytes(UPDATE)
                .writeShort(UPDATE.length)
                .writeBytes(UPDATE);

        connection.writeInbound(twoMessages);
        connection.runPendingTasks();

        assertThat(connection.isOpen()).isFalse();
        assertThat(twoMessages.refCnt()).isZero();
    }
}
