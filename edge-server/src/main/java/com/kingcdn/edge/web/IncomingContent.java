package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The content of a request as a stream brings it, whatever its version of HTTP: a client that waits to be asked for it is asked, what is
 * wanted is handed on, and all else is read over. Of the stream's event loop.
 */
final class IncomingContent {

    private static final int CONTINUE = 100;

    private final ClientStream stream;
    private final boolean expects;
    private final IntConsumer taken;
    private @Nullable ClientContent content;
    private boolean received;
    private boolean asked;

    /**
     * Of a request whose head is there.
     *
     * @param expects whether the client waits to be asked (RFC 9110 section 10.1.1)
     * @param received whether there is no content, or none to come
     * @param taken told how many bytes of what came need no room any more
     */
    IncomingContent(ClientStream stream, boolean expects, boolean received, IntConsumer taken) {
        this.stream = stream;
        this.expects = expects;
        this.received = received;
        this.taken = taken;
    }

    /** Hands it on from now on, in bytes up to this limit; to be called once at most. */
    ClientContent open(long limit) {
        ClientContent made = new ClientContent(stream.loop(), limit, this::ask, taken);
        content = made;
        return made;
    }

    private void ask() {
        if (waitsToBeAsked()) {
            asked = true;
            stream.interim(CONTINUE, HeaderFields.EMPTY);
        }
    }

    /** Takes a piece, which is then its own. */
    void receive(ByteBuf piece, boolean last) {
        ClientContent target = content;
        if (target == null) {
            int size = piece.readableBytes();
            piece.release();
            if (size > 0) {
                taken.accept(size);
            }
        } else {
            target.receive(piece);
        }
        if (last) {
            received = true;
            if (target != null) {
                target.end();
            }
        }
    }

    /** Notes that no more of it will come, though it should. */
    void breakOff(Throwable cause) {
        received = true;
        if (content != null) {
            content.fail(cause);
        }
    }

    /** Whether all of it is there. */
    boolean isReceived() {
        return received;
    }

    /** Whether somebody has asked for it to be handed on. */
    boolean isOpen() {
        return content != null;
    }

    /** Whether nothing of it waits for upstream. */
    boolean isDrained() {
        return content == null || content.isDrained();
    }

    /** Whether the client has not been asked for it, though it waits for that. */
    boolean waitsToBeAsked() {
        return expects && !asked && !received;
    }
}
