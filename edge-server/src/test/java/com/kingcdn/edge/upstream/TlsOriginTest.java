package com.kingcdn.edge.upstream;

import static com.kingcdn.edge.upstream.UpstreamSetup.assertKind;
import static com.kingcdn.edge.upstream.UpstreamSetup.text;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Origins with TLS: it is checked who they are, and that the end of their content is theirs. */
@Timeout(30)
class TlsOriginTest {

    private static final String NAME = "origin.netcinema.example";

    private final Transport transport = Transport.open("test-tls", 1);
    private final X509Bundle certificate;
    private final Channel listener;
    private final List<String> names = new CopyOnWriteArrayList<>();
    private volatile String response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private volatile boolean breaksOff;
    private @Nullable EndpointClient client;

    TlsOriginTest() throws Exception {
        certificate = new CertificateBuilder()
                .subject("CN=" + NAME)
                .addSanDnsName(NAME)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        SslContext context = SslContextBuilder.forServer(
                        certificate.getKeyPair().getPrivate(), certificate.getCertificate())
                .sslProvider(SslProvider.JDK)
                .build();
        listener = new ServerBootstrap()
                .group(transport.group())
                .channel(transport.listening())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(context.newHandler(channel.alloc()), new Answering());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    private final class Answering extends SimpleChannelInboundHandler<ByteBuf> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, ByteBuf request) {
            SslHandler tls = context.pipeline().get(SslHandler.class);
            ((ExtendedSSLSession) tls.engine().getSession())
                    .getRequestedServerNames()
                    .forEach(name -> names.add(((SNIHostName) name).getAsciiName()));
            boolean open = response.contains("Content-Length");
            context.writeAndFlush(Unpooled.copiedBuffer(response, StandardCharsets.US_ASCII))
                    .addListener(sent -> {
                        if (breaksOff) {
                            // from below TLS, which then has no time to say that this is the end
                            context.pipeline().context(SslHandler.class).close();
                        } else if (!open) {
                            context.close();
                        }
                    });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close(); // the edge did not like the certificate
        }
    }

    private SslContext trusting() {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(certificate.getCertificate())
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SslContext usual() {
        try {
            return SslContextBuilder.forClient().build();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All names are of this machine: first an address where nobody listens, then the right one. */
    private static final class Loopback extends AddressResolverGroup<InetSocketAddress> {

        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetNameResolver(executor) {
                @Override
                protected void doResolve(String name, Promise<InetAddress> promise) {
                    promise.setSuccess(InetAddress.getLoopbackAddress());
                }

                @Override
                protected void doResolveAll(String name, Promise<List<InetAddress>> promise) throws Exception {
                    promise.setSuccess(List.of(
                            InetAddress.getByAddress(name, new byte[] {127, 0, 0, 2}),
                            InetAddress.getLoopbackAddress()));
                }
            }.asAddressResolver();
        }
    }

    private UpstreamResponse get(Connector connector, String host) {
        UpstreamProperties settings = new UpstreamProperties(
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(4),
                4,
                4,
                ForwardedStyle.NONE);
        EndpointClient made = client == null ? new EndpointClient(settings, connector) : client;
        client = made;
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        CompletableFuture<UpstreamResponse> answer = new CompletableFuture<>();
        made.send(
                Hop.origin(new OriginEndpoint(URI.create("https://" + host + ":" + port))),
                new EndpointClient.Message("GET", "/", HeaderFields.of("host", host), null, null),
                Timeouts.towardsOrigin(settings, null),
                new OriginExchange.Listener() {
                    @Override
                    public void answered(UpstreamResponse head) {
                        answer.complete(head);
                    }

                    @Override
                    public void failed(UpstreamException failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void ended(boolean whole, UpstreamException.@Nullable Kind failure) {}
                });
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw (UpstreamException) e.getCause();
        }
    }

    @AfterEach
    void close() throws Exception {
        if (client != null) {
            client.close();
        }
        listener.close().sync();
        transport.close();
    }

    /** RFC 6066 section 3; and all addresses of a name are tried. */
    @Test
    void tellsTheNameAndKeepsTheConnection() {
        Connector connector = new Connector(transport, new Loopback(), this::trusting);
        for (int i = 0; i < 3; i++) {
            assertThat(text(get(connector, NAME))).isEqualTo("ok");
        }
        assertThat(names).containsOnly(NAME);
    }

    /** RFC 9110 section 4.3.4. */
    @Test
    void asksNobodyWithAnotherName() {
        Connector connector = new Connector(transport, new Loopback(), this::trusting);
        assertKind(() -> get(connector, "127.0.0.1"), Kind.TLS);
    }

    @Test
    void asksNobodyWhomThePlatformDoesNotTrust() {
        Connector connector = new Connector(transport, new Loopback(), TlsOriginTest::usual);
        assertKind(() -> get(connector, NAME), Kind.TLS);
    }

    /** Who asks is told why it fails, once: Netty would log each with a stack trace. */
    @Test
    void aHandshakeThatFailsIsNoWarningOfNettys() {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        Logger netty = (Logger) LoggerFactory.getLogger("io.netty.channel");
        netty.addAppender(lines);
        try {
            Connector connector = new Connector(transport, new Loopback(), TlsOriginTest::usual);
            assertKind(() -> get(connector, NAME), Kind.TLS);
            // behind what the one event loop has been doing
            transport.group().next().submit(() -> {}).syncUninterruptibly();
        } finally {
            netty.detachAppender(lines);
        }

        assertThat(lines.list).noneMatch(line -> line.getLevel().isGreaterOrEqual(Level.WARN));
    }

    /** RFC 9112 section 9.8: without a notice of its end, content may have been cut by anybody. */
    @Test
    void contentUntilTheEndNeedsATrueEnd() {
        Connector connector = new Connector(transport, new Loopback(), this::trusting);
        response = "HTTP/1.1 200 OK\r\n\r\nuntil the end";
        assertThat(text(get(connector, NAME))).isEqualTo("until the end");
        breaksOff = true;
        assertKind(() -> text(get(connector, NAME)), Kind.TRUNCATED);
    }
}
