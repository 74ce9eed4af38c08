package com.kingcdn.redirector.server;

import io.netty.channel.ChannelException;
import io.netty.channel.unix.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A datagram socket whose kernel refuses to set one option some times. */
final class StubbornSocket extends Socket {

    private final int refused;
    private final AtomicInteger failures;

    /** @param failures how often, from now on */
    StubbornSocket(int refused, AtomicInteger failures) {
        super(newSocketDgram().intValue());
        this.refused = refused;
        this.failures = failures;
    }

    @Override
    public void setRawOpt(int level, int name, ByteBuffer value) throws java.io.IOException {
        if (name == refused && failures.getAndDecrement() > 0) {
            throw new ChannelException("Cannot allocate memory");
        }
        super.setRawOpt(level, name, value);
    }
}
