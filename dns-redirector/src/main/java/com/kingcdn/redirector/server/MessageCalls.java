package com.kingcdn.redirector.server;

import com.kingcdn.foreign.ForeignFunctions;
import io.netty.channel.epoll.Epoll;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's {@code recvmmsg} and {@code sendmmsg}, called by way of {@link ForeignFunctions} where there are such, on Linux with
 * pointers of 64 bits. Native addresses are plain numbers. What a query costs are the method handles alone, which are constants to
 * the compiler.
 */
final class MessageCalls {

    /** Waits for the first message only. */
    static final int WAIT_FOR_ONE = 0x10000;

    static final int DO_NOT_WAIT = 0x40;
    static final int IPV4 = 2;
    static final int IPV6 = 10;

    private static final Logger LOG = LoggerFactory.getLogger(MessageCalls.class);
    private static final int DATAGRAM_CLOSED_ON_EXEC = 2 | 0x80000;

    private static final @Nullable MethodHandle RECEIVE;
    private static final @Nullable MethodHandle SEND;
    private static final @Nullable MethodHandle SOCKET;

    static {
        MethodHandle receive = null;
        MethodHandle send = null;
        MethodHandle socket = null;
        if (isSystemKnown()) {
            try {
                ForeignFunctions functions = ForeignFunctions.ofThisProcess();
                receive =
                        functions.find("recvmmsg", int.class, int.class, long.class, int.class, int.class, long.class);
                send = functions.find("sendmmsg", int.class, int.class, long.class, int.class, int.class);
                socket = functions.find("socket", int.class, int.class, int.class, int.class);
            } catch (ReflectiveOperationException | RuntimeException e) {
                LOG.info("recvmmsg cannot be called directly, Netty calls it: {}", e.toString());
                receive = null;
            }
        }
        RECEIVE = receive;
        SEND = send;
        SOCKET = socket;
    }

    private MessageCalls() {}

    /** Whether they can be called here. */
    static boolean isAvailable() {
        return RECEIVE != null && SEND != null && SOCKET != null;
    }

    private static boolean isSystemKnown() {
        String architecture = System.getProperty("os.arch", "");
        return ForeignFunctions.areAvailable()
                && System.getProperty("os.name", "").equals("Linux")
                && (architecture.equals("amd64") || architecture.equals("aarch64"))
                && Epoll.isAvailable();
    }

    /**
     * Receives messages.
     *
     * @param headers address of so many {@code struct mmsghdr}
     * @return how many came; -1 for none, in time or at all
     */
    static int receive(int socket, long headers, int count, int flags) {
        try {
            return (int) handle(RECEIVE).invokeExact(socket, headers, count, flags, 0L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /**
     * Sends messages.
     *
     * @param headers address of so many {@code struct mmsghdr}
     * @return how many were taken; -1 when the first one was not
     */
    static int send(int socket, long headers, int count, int flags) {
        try {
            return (int) handle(SEND).invokeExact(socket, headers, count, flags);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** A new socket for datagrams, that waits; -1 when there is none to be had. */
    static int socket(int family) {
        try {
            return (int) handle(SOCKET).invokeExact(family, DATAGRAM_CLOSED_ON_EXEC, 0);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static MethodHandle handle(@Nullable MethodHandle handle) {
        if (handle == null) {
            throw new IllegalStateException("not available");
        }
        return handle;
    }

    private static IllegalStateException unexpected(Throwable e) {
        return new IllegalStateException("a call of the kernel throws nothing", e);
    }
}
