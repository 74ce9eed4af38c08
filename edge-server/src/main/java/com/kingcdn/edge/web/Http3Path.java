package com.kingcdn.edge.web;

import com.kingcdn.edge.tls.CertificateDirectory;
import com.kingcdn.edge.tls.ServerCertificate;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The pipelines of connections that speak HTTP/3 and of their streams, and what all such connections share. */
final class Http3Path {

    /** Handshakes under way from which on clients have to show that they receive where they send from. */
    private static final int HANDSHAKES_UNVALIDATED = 100;

    private static final long STREAM_WINDOW = 256 * 1024;
    private static final long CONNECTION_WINDOW = 1024 * 1024;

    private final EdgeHandler edge;
    private final ContentServerProperties settings;
    private final int concurrentStreams;
    private final CertificateDirectory certificates;
    private final AlternativeService alternative;
    private final ResponseLines lines;
    private final QuicSslContext tls;
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AddressTokens tokens =
            new AddressTokens(() -> handshakes.get() > HANDSHAKES_UNVALIDATED, InstantSource.system());

    Http3Path(
            EdgeHandler edge,
            ContentServerProperties settings,
            int concurrentStreams,
            CertificateDirectory certificates,
            AlternativeService alternative,
            ResponseLines lines) {
        this.edge = edge;
        this.settings = settings;
        this.concurrentStreams = concurrentStreams;
        this.certificates = certificates;
        this.alternative = alternative;
        this.lines = lines;
        this.tls = QuicSslContextBuilder.buildForServerWithSni(this::context);
    }

    private @Nullable QuicSslContext context(@Nullable String serverName) {
        ServerCertificate certificate = certificates.find(serverName);
        return certificate == null ? null : certificate.quic();
    }

    /**
     * What makes connections of a socket's datagrams.
     *
     * @param admit told of each new connection; false when it was closed instead
     */
    ChannelHandler codec(int idLength, QuicConnectionIdGenerator ids, Predicate<QuicChannel> admit) {
        Duration longest = settings.idleTimeout().compareTo(settings.stallTimeout()) > 0
                ? settings.idleTimeout()
                : settings.stallTimeout();
        return Http3.newQuicServerCodecBuilder()
                .sslContext(tls)
                .tokenHandler(tokens)
                .localConnectionIdLength(idLength)
                .connectionIdAddressGenerator(ids)
                .maxIdleTimeout(longest.toMillis(), TimeUnit.MILLISECONDS)
                .initialMaxData(CONNECTION_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamsBidirectional(concurrentStreams)
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel channel) {
                        if (admit.test(channel)) {
                            prepare(channel);
                        }
                    }
                })
                .streamHandler(UnheardFailures.INSTANCE)
                .build();
    }

    private void prepare(QuicChannel channel) {
        Http3Connection connection = new Http3Connection(this, channel);
        DefaultHttp3SettingsFrame local = new DefaultHttp3SettingsFrame(new Http3Settings()
                .maxFieldSectionSize(StrictRequestDecoder.FIELDS_LIMIT + StrictRequestDecoder.TARGET_LIMIT));
        ChannelHandler streams = new ChannelInitializer<QuicStreamChannel>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                // the codec lays what comes before, the channel what comes behind, and there a request is the end
                stream.pipeline().remove(UnheardFailures.INSTANCE);
                stream.pipeline().addLast("request", new Http3ClientStream(connection, stream));
            }
        };
        // no dynamic table either way: a peer's table is memory that it alone decides on
        channel.pipeline()
                .addLast(new Http3ServerConnectionHandler(streams, connection.controlFrames(), null, local, true))
                .addLast("connection", connection);
    }

    EdgeHandler edge() {
        return edge;
    }

    ResponseLines lines() {
        return lines;
    }

    /** What a connection for this name may be asked for. */
    TlsConnection opened(@Nullable String serverName) {
        return new TlsConnection(certificates, alternative, serverName);
    }

    void handshakeBegins() {
        handshakes.incrementAndGet();
    }

    void handshakeEnds() {
        handshakes.decrementAndGet();
    }

    long headNanos() {
        return settings.headTimeout().toNanos();
    }

    long idleNanos() {
        return settings.idleTimeout().toNanos();
    }

    long stallNanos() {
        return settings.stallTimeout().toNanos();
    }

    long readNanos() {
        return settings.readTimeout().toNanos();
    }
}
