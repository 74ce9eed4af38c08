package com.kingcdn.redirector.server;

import com.kingcdn.foreign.ForeignFunctions;
import io.netty.channel.unix.Buffer;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the kernel lets a thread run at a time, {@code sched_runtime} of {@code sched_setattr(2)}. From Linux 6.12 on a thread that
 * asks for little goes before others as soon as it has work, instead of after what is left of their slice, some milliseconds; it gets no
 * more of the processor for that, and needs no privilege. Older kernels take no notice.
 */
final class ThreadSlice {

    /** The least that the kernel takes. */
    static final Duration SHORTEST = Duration.ofNanos(100_000);

    private static final Logger LOG = LoggerFactory.getLogger(ThreadSlice.class);

    /* struct sched_attr: size (4), policy (4), flags (8), nice (4), priority (4), runtime (8), deadline (8), period (8) */
    private static final int SIZE = 48;
    private static final int POLICY = 4;
    private static final int RUNTIME = 24;
    private static final int SCHED_OTHER = 0;

    /** Of system calls, which the C library has functions for only since 2.41. */
    private record Numbers(long set, long get) {}

    private ThreadSlice() {}

    /**
     * Asks for the calling thread, and leaves its priority as it is.
     *
     * @return the slice that it has then; 0 when the kernel could not be asked, or says nothing of it
     */
    static Duration request(Duration slice) {
        if (!MessageCalls.isAvailable()) {
            return Duration.ZERO;
        }
        Numbers numbers =
                System.getProperty("os.arch", "").equals("amd64") ? new Numbers(314, 315) : new Numbers(274, 275);
        try {
            MethodHandle call = ForeignFunctions.ofThisProcess()
                    .find("syscall", long.class, long.class, long.class, long.class, long.class, long.class);
            ByteBuffer attributes = ByteBuffer.allocateDirect(SIZE).order(ByteOrder.nativeOrder());
            long address = Buffer.memoryAddress(attributes);
            long got = (long) call.invokeExact(numbers.get(), 0L, address, (long) SIZE, 0L);
            // a thread of another policy was given that by somebody who knows better
            if (got == 0 && attributes.getInt(POLICY) == SCHED_OTHER) {
                attributes.putInt(0, SIZE).putLong(RUNTIME, slice.toNanos());
                long set = (long) call.invokeExact(numbers.set(), 0L, address, 0L, 0L);
                got = (long) call.invokeExact(numbers.get(), 0L, address, (long) SIZE, 0L);
                LOG.debug("short slices: asked with result {}, has {} ns", set, attributes.getLong(RUNTIME));
            }
            return got == 0 ? Duration.ofNanos(attributes.getLong(RUNTIME)) : Duration.ZERO;
        } catch (Throwable e) {
            LOG.debug("the kernel was not asked for short slices", e);
            return Duration.ZERO;
        }
    }
}
