package com.kingcdn.edge.upstream;

import io.netty.channel.Channel;

/** A time in which a channel does not read by itself. Of the channel's event loop. */
final class ReadPause {

    private boolean lasts;

    /** It begins, unless it lasts already. */
    void begin(Channel channel) {
        if (!lasts) {
            lasts = true;
            channel.config().setAutoRead(false);
        }
    }

    /** It ends, if it lasts. */
    void end(Channel channel) {
        if (lasts) {
            lasts = false;
            channel.config().setAutoRead(true);
        }
    }
}
