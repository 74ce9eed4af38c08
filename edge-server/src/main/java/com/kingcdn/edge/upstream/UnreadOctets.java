package com.kingcdn.edge.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What has come on a connection and is not read yet: one buffer, and rarely more. Belongs to the connection's event loop. */
final class UnreadOctets {

    private final ArrayDeque<ByteBuf> more = new ArrayDeque<>(0);
    private @Nullable ByteBuf first;

    /** Takes a buffer over. */
    void add(ByteBuf octets) {
        if (first == null) {
            first = octets;
        } else {
            more.add(octets);
        }
    }

    /** What is to be read next; an empty buffer when there is nothing. */
    ByteBuf first() {
        ByteBuf present = first;
        return present == null ? Unpooled.EMPTY_BUFFER : present;
    }

    /** What the reader takes of the first buffer, which goes along when that is all of it. */
    ByteBuf take(ResponseReader reader) {
        ByteBuf in = first();
        boolean all = reader.takesAll(in);
        ByteBuf octets = reader.take(in);
        if (all) {
            first = more.poll();
        }
        return octets;
    }

    /** Goes on to the next buffer, the first having been read. @return whether there is one */
    boolean dropFirst() {
        if (first != null) {
            first.release();
        }
        first = more.poll();
        return first != null;
    }

    /** Whether anything is left. */
    boolean isReadable() {
        return !more.isEmpty() || (first != null && first.isReadable());
    }

    /** Throws all of it away. */
    void drop() {
        while (dropFirst()) {
            // on to the next
        }
    }
}
