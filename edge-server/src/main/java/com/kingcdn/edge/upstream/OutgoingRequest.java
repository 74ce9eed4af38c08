package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** The request of a connection's exchange on its way: its head, and behind that its content. Belongs to the connection's event loop. */
final class OutgoingRequest {

    private final OriginConnection connection;
    private @Nullable RequestContent content;

    OutgoingRequest(OriginConnection connection) {
        this.connection = connection;
    }

    /** @param path of the endpoint, which the target is put behind */
    void send(ChannelHandlerContext context, String path, EndpointClient.Message message) {
        ByteBuf head;
        try {
            head = RequestHead.encode(context.alloc(), path, message);
        } catch (IllegalArgumentException e) {
            connection.fail(Kind.PROTOCOL, "the request cannot be sent: " + e.getMessage());
            return;
        }
        if (message.body() == null) {
            context.writeAndFlush(head);
            connection.sent();
        } else {
            context.write(head);
            RequestContent body = new RequestContent(this, connection, message);
            content = body;
            message.body().subscribe(body);
        }
    }

    /** All of its content has been sent. */
    void contentSent() {
        content = null;
        connection.sent();
    }

    /** Whether some of it is still to be sent. */
    boolean isUnderWay() {
        return content != null;
    }

    void writabilityChanged() {
        if (content != null) {
            content.writabilityChanged();
        }
    }

    /** Sends no more of it. */
    void stop() {
        if (content != null) {
            content.stop();
            content = null;
        }
    }
}
