package com.kingcdn.redirector.server;

import io.netty.channel.epoll.Epoll;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's {@code recvmmsg} and {@code sendmmsg}, called by way of the Foreign Function and Memory API (JEP 454) where there is one:
 * on Java 22 and later, on Linux with pointers of 64 bits. Native addresses are plain numbers.
 *
 * <p>The API is found by reflection, once, so that the same classes run on Java 17. What a query costs are the method handles alone,
 * which are constants to the compiler.
 */
final class MessageCalls {

    /** Waits for the first message only. */
    static final int WAIT_FOR_ONE = 0x10000;

    static final int DO_NOT_WAIT = 0x40;
    static final int IPV4 = 2;
    static final int IPV6 = 10;

    private static final Logger LOG = LoggerFactory.getLogger(MessageCalls.class);
    private static final int DATAGRAM_CLOSED_ON_EXEC = 2 | 0x80000;
    private static final int FIRST_JAVA = 22;

    private static final @Nullable MethodHandle RECEIVE;
    private static final @Nullable MethodHandle SEND;
    private static final @Nullable MethodHandle SOCKET;

    static {
        MethodHandle receive = null;
        MethodHandle send = null;
        MethodHandle socket = null;
        if (isSystemKnown()) {
            try {
                Linking linking = new Linking();
                receive = linking.link("recvmmsg", int.class, int.class, long.class, int.class, int.class, long.class);
                send = linking.link("sendmmsg", int.class, int.class, long.class, int.class, int.class);
                socket = linking.link("socket", int.class, int.class, int.class, int.class);
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
        return Runtime.version().feature() >= FIRST_JAVA
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

    /** The parts of the API that are needed to link functions of numbers. */
    private static final class Linking {

        private final Class<?> linkerType = Class.forName("java.lang.foreign.Linker");
        private final Class<?> layoutType = Class.forName("java.lang.foreign.MemoryLayout");
        private final Class<?> descriptorType = Class.forName("java.lang.foreign.FunctionDescriptor");
        private final Class<?> segmentType = Class.forName("java.lang.foreign.MemorySegment");
        private final Class<?> optionType = Class.forName("java.lang.foreign.Linker$Option");
        private final Object linker = linkerType.getMethod("nativeLinker").invoke(null);
        private final Object symbols = linkerType.getMethod("defaultLookup").invoke(linker);

        private Linking() throws ReflectiveOperationException {}

        private MethodHandle link(String name, Class<?> result, Class<?>... parameters)
                throws ReflectiveOperationException {
            Method find = Class.forName("java.lang.foreign.SymbolLookup").getMethod("find", String.class);
            Object symbol = ((Optional<?>) find.invoke(symbols, name))
                    .orElseThrow(() -> new NoSuchMethodException("the C library has no " + name));
            Object layouts = Array.newInstance(layoutType, parameters.length);
            for (int i = 0; i < parameters.length; i++) {
                Array.set(layouts, i, layout(parameters[i]));
            }
            Object descriptor = descriptorType
                    .getMethod("of", layoutType, layouts.getClass())
                    .invoke(null, layout(result), layouts);
            Object none = Array.newInstance(optionType, 0);
            return (MethodHandle) linkerType
                    .getMethod("downcallHandle", segmentType, descriptorType, none.getClass())
                    .invoke(linker, symbol, descriptor, none);
        }

        private static Object layout(Class<?> type) throws ReflectiveOperationException {
            return Class.forName("java.lang.foreign.ValueLayout")
                    .getField(type == long.class ? "JAVA_LONG" : "JAVA_INT")
                    .get(null);
        }
    }
}
