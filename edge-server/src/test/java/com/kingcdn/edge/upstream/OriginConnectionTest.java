package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.OriginEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Sinks;

/** A connection whose events come in an order that real sockets have rarely. */
class OriginConnectionTest {

    private static final OriginEndpoint ENDPOINT = new OriginEndpoint(URI.create("http://127.0.0.1:1"));
    private static final UpstreamProperties SETTINGS = new UpstreamProperties(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            4,
            4,
            ForwardedStyle.NONE);

    private final Transport transport = Transport.open("test-origin", 1);
    private final Connector connector = new Connector(transport);
    private final ConnectionPool pool = new ConnectionPool(ENDPOINT, SETTINGS, connector);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final OriginConnection connection =
            new OriginConnection(pool.new OfLoop(channel.eventLoop()), false, SETTINGS.keepAlive());
    private final StringBuilder content = new StringBuilder();

    /** Whether each exchange that has ended was whole. */
    private final List<Boolean> ended = new ArrayList<>();

    private final List<Throwable> failures = new ArrayList<>();

    OriginConnectionTest() {
        channel.pipeline().addLast(connection);
        begin(new EndpointClient.Message("GET", "/", HeaderFields.of("host", "a.example"), null, null));
    }

    private void begin(EndpointClient.Message message) {
        connection.begin(new OriginExchange(
                pool,
                Hop.origin(ENDPOINT),
                message,
                Timeouts.towardsOrigin(SETTINGS, null),
                new Receiver(),
                channel.eventLoop()));
    }

    private final class Receiver implements OriginExchange.Listener {

        @Override
        public void answered(UpstreamResponse response) {
            response.body().subscribe(this::take, failures::add);
        }

        private void take(ByteBuf octets) {
            content.append(octets.toString(StandardCharsets.US_ASCII));
            octets.release();
        }

        @Override
        public void failed(UpstreamException failure) {
            throw failure;
        }

        @Override
        public void ended(boolean whole, UpstreamException.@Nullable Kind failure) {
            ended.add(whole);
        }
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        connector.close();
        transport.close();
    }

    private void read(String octets) {
        channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(octets, StandardCharsets.US_ASCII));
    }

    /** With io_uring a close between two reads of a burst is not preceded by the burst's end. */
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\r\n\r\nok"})
    void aResponseIsOverThoughItsBurstOfReadsHasNoEnd(String response) {
        read(response);
        assertThat(ended).isEmpty();
        channel.unsafe().close(channel.newPromise());
        assertThat(content).hasToString("ok");
        assertThat(ended).containsExactly(true);
    }

    /** RFC 9112 section 8: the end of the connection is that of the content only if it is the origin's. */
    @Test
    void contentIsNotWholeWhenItIsUsWhoCloseItsConnection() {
        read("HTTP/1.1 200 OK\r\n\r\nsome");
        channel.pipeline().fireChannelReadComplete();
        channel.close();
        assertThat(content).hasToString("some");
        assertThat(ended).containsExactly(false);
        assertThat(failures).singleElement().isInstanceOf(UpstreamException.class);
    }

    /** RFC 8446 section 6.1: nothing more will come on it. */
    @Test
    void aConnectionWhoseEndIsAnnouncedWithTheResponseIsNotUsedAgain() {
        read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        channel.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
        channel.pipeline().fireChannelReadComplete();
        assertThat(ended).containsExactly(true);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aConnectionWhoseEndIsAnnouncedWhileItIsFreeIsNotUsedAgain() {
        read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        channel.pipeline().fireChannelReadComplete();
        assertThat(channel.isOpen()).isTrue();
        channel.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
        assertThat(channel.isOpen()).isFalse();
    }

    /** As above. */
    @Test
    void contentIsNotWholeWhenItsConnectionEndsSinceTheRequestCannotBeSent() {
        read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        channel.pipeline().fireChannelReadComplete();
        Sinks.Many<ByteBuf> request = Sinks.many().unicast().onBackpressureBuffer();
        begin(new EndpointClient.Message(
                "POST", "/", HeaderFields.of("host", "a.example", "content-length", "10"), request.asFlux(), null));
        read("HTTP/1.1 200 OK\r\n\r\nsome");
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new IOException("Broken pipe"));
                // as a socket does: its end is told later
                context.executor().execute(context::close);
            }
        });
        request.tryEmitNext(Unpooled.copiedBuffer("x", StandardCharsets.US_ASCII));
        channel.runPendingTasks();
        assertThat(channel.isOpen()).isFalse();
        assertThat(content).hasToString("oksome");
        assertThat(ended).containsExactly(true, false);
        assertThat(failures).singleElement().isInstanceOf(UpstreamException.class);
    }
}
