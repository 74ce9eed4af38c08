package com.kingcdn.redirector.server;

import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.stream.Stream;

/** A way to answer UDP. Tests hold each that this JVM has to the same; Java 18 to 21 has but one. */
interface UdpWay {

    UdpListener open(ListenerSettings settings, QueryTaker queries, EventLoopGroup group) throws IOException;

    /** All that there are here. */
    static Stream<UdpWay> all() {
        UdpWay netty = (settings, queries, group) -> UdpDnsServer.open(settings, queries, DnsTransport.best(), group);
        UdpWay batches = (settings, queries, group) -> BatchUdpServer.open(settings, queries);
        return MessageCalls.isAvailable() ? Stream.of(netty, batches) : Stream.of(netty);
    }
}
