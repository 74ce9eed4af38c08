package com.kingcdn.redirector.registry;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Another name server.
 *
 * @param address of DNS over UDP and TCP
 * @param key name of the key that messages with it are signed with, or null for none
 */
public record RemoteServer(InetSocketAddress address, @Nullable String key) {}
