package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.tls.TestCertificates;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of Retry packets (RFC 9000 section 8.1). */
@Timeout(60)
class AddressTokensTest {

    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.1", 4433);
    private static final byte[] FIRST = {1, 2, 3, 4, 5, 6, 7, 8};

    private final AtomicLong millis = new AtomicLong(1_000_000);
    private final InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
    private final AddressTokens tokens = new AddressTokens(() -> true, clock);

    private static ByteBuf token(AddressTokens maker) {
        ByteBuf token = Unpooled.buffer(maker.maxTokenLength());
        assertThat(maker.writeToken(token, Unpooled.wrappedBuffer(FIRST), CLIENT))
                .isTrue();
        return token;
    }

    @Test
    void aTokenGivesBackTheIdentifierThatTheClientChose() {
        ByteBuf token = token(tokens);
        int offset = tokens.validateToken(token, CLIENT);
        byte[] first = new byte[token.readableBytes() - offset];
        token.getBytes(offset, first);
        assertThat(first).isEqualTo(FIRST);
    }

    @Test
    void aTokenIsOfOneAddressAndPort() {
        ByteBuf token = token(tokens);
        assertThat(tokens.validateToken(token, new InetSocketAddress("192.0.2.2", 4433)))
                .isNegative();
        assertThat(tokens.validateToken(token, new InetSocketAddress("192.0.2.1", 4434)))
                .isNegative();
        assertThat(tokens.validateToken(token, new InetSocketAddress("2001:db8::1", 4433)))
                .isNegative();
    }

    @Test
    void aTokenIsGoodForTenSeconds() {
        ByteBuf token = token(tokens);
        millis.addAndGet(10_000);
        assertThat(tokens.validateToken(token, CLIENT)).isPositive();
        millis.addAndGet(1);
        assertThat(tokens.validateToken(token, CLIENT)).isNegative();
        millis.set(999_999);
        assertThat(tokens.validateToken(token, CLIENT)).as("of the future").isNegative();
    }

    @Test
    void aTokenThatIsChangedCutOrAnothersIsNone() {
        ByteBuf token = token(tokens);
        for (int at = 0; at < token.readableBytes(); at++) {
            ByteBuf changed = token.copy();
            changed.setByte(at, changed.getByte(at) ^ 1);
            assertThat(tokens.validateToken(changed, CLIENT)).isNegative();
            assertThat(tokens.validateToken(token.slice(0, at), CLIENT)).isNegative();
        }
        assertThat(tokens.validateToken(Unpooled.wrappedBuffer(new byte[500]), CLIENT))
                .isNegative();
        assertThat(new AddressTokens(() -> true, clock).validateToken(token, CLIENT))
                .isNegative();
    }

    /** RFC 9000 section 8.1.3: what is not ours may be a former server's here, and shuts nobody out while nothing presses. */
    @Test
    void nobodyIsAskedWhileNothingPresses() {
        AddressTokens calm = new AddressTokens(() -> false, clock);
        ByteBuf none = Unpooled.buffer();
        assertThat(calm.writeToken(none, Unpooled.wrappedBuffer(FIRST), CLIENT)).isFalse();
        ByteBuf strange = Unpooled.wrappedBuffer(new byte[40]);
        assertThat(calm.validateToken(strange, CLIENT, Unpooled.wrappedBuffer(FIRST))
                        .isValid())
                .isTrue();
        assertThat(tokens.validateToken(strange, CLIENT, Unpooled.wrappedBuffer(FIRST))
                        .isValid())
                .isFalse();
    }

    /** RFC 9000 section 8.1.2, with a client that knows nothing of this class. */
    @Test
    void aClientThatIsAskedConnects(@TempDir Path directory) throws Exception {
        X509Bundle bundle = TestCertificates.write(directory, "localhost");
        QuicSslContext tls = QuicSslContextBuilder.forServer(
                        bundle.getKeyPair().getPrivate(), null, bundle.getCertificatePath())
                .applicationProtocols("h3")
                .build();
        AtomicInteger asked = new AtomicInteger();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Channel socket = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(Http3.newQuicServerCodecBuilder()
                        .sslContext(tls)
                        .tokenHandler(new AddressTokens(() -> asked.incrementAndGet() > 0, InstantSource.system()))
                        .initialMaxData(10_000)
                        .handler(new Http3ServerConnectionHandler(new ChannelInboundHandlerAdapter()))
                        .build())
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        try (Http3Client client =
                Http3Client.open(((InetSocketAddress) socket.localAddress()).getPort(), "localhost")) {
            assertThat(client.peer().getSubjectX500Principal().getName()).isEqualTo("CN=localhost");
            assertThat(asked.get()).isPositive();
        } finally {
            socket.close().sync();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }
}
