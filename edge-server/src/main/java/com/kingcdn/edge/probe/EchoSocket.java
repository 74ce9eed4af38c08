package com.kingcdn.edge.probe;

import com.kingcdn.foreign.ForeignFunctions;
import io.netty.channel.epoll.EpollDatagramChannel;
import java.io.IOException;

/**
 * The kernel's sockets for ICMP echo alone ({@code icmp(7)}), which need no privilege: echoes leave with an identifier that is the socket's
 * own, and the answers to those are all that comes in. Linux has them for processes of the groups in {@code net.ipv4.ping_group_range}, for
 * IPv6 too. Java has no name for them, so the C library is called.
 */
final class EchoSocket {

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;

    private EchoSocket() {}

    /**
     * A new one, for Netty's epoll event loops.
     *
     * @throws IOException when there is none to be had, with the reason and what to do
     */
    static EpollDatagramChannel open(boolean ipv4) throws IOException {
        if (!ForeignFunctions.areAvailable()) {
            throw new IOException("only Java 22 or later can ask for its socket");
        }
        int descriptor = ipv4
                ? socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP)
                : socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6);
        if (descriptor < 0) {
            // or there is no such family, no file left, or a sandbox in between
            throw new IOException("the kernel gives no socket for it, most often since the sysctl"
                    + " net.ipv4.ping_group_range has no group of this process");
        }
        return new EpollDatagramChannel(descriptor);
    }

    private static int socket(int family, int type, int protocol) throws IOException {
        try {
            return (int) ForeignFunctions.ofThisProcess()
                    .find("socket", int.class, int.class, int.class, int.class)
                    .invokeExact(family, type, protocol);
        } catch (Throwable e) {
            // access to native functions is denied (--enable-native-access), or the library is another one
            throw new IOException("this Java does not call the C library: " + e, e);
        }
    }
}
