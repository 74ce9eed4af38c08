package com.kingcdn.redirector.registry;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A zone as the configuration file writes it.
 *
 * @param file of a zone of our own
 * @param primaries of a zone that we copy
 */
record ZoneEntry(
        @JsonProperty(required = true) String name,
        @Nullable String file,
        boolean cdn,
        boolean dnssec,
        @Nullable List<RuleEntry> transfer,
        @JsonProperty("notify") @Nullable List<ServerEntry> notified,
        @Nullable List<RuleEntry> update,
        @Nullable List<ServerEntry> primaries) {

    private static final int DNS_PORT = 53;

    /** Who may: {@link AccessRule}. */
    record RuleEntry(
            @JsonProperty(required = true) String key, @Nullable List<IpPrefix> from, @Nullable List<String> names) {}

    /** Another server: {@link RemoteServer}. */
    record ServerEntry(@JsonProperty(required = true) String address, @Nullable Integer port, @Nullable String key) {}

    /** @throws ConflictException when it is neither a zone of our own nor one to copy */
    boolean isSecondary(String pointer) {
        if ((file == null) == (primaries == null || primaries.isEmpty())) {
            throw new ConflictException(
                    pointer, "zone '" + name + "' needs either a file or primaries to copy it from");
        }
        if (file == null && (cdn || dnssec || update != null)) {
            throw new ConflictException(
                    pointer,
                    "zone '" + name + "' is copied from its primaries: cdn, dnssec and update cannot be there");
        }
        return file == null;
    }

    /** @param keys names of all keys */
    ZonePolicy policy(String pointer, Set<String> keys) {
        return new ZonePolicy(
                rules(transfer, pointer + "/transfer", keys),
                servers(notified, pointer + "/notify", keys),
                rules(update, pointer + "/update", keys));
    }

    List<RemoteServer> primaries(String pointer, Set<String> keys) {
        return servers(primaries, pointer + "/primaries", keys);
    }

    private static List<AccessRule> rules(@Nullable List<RuleEntry> entries, String pointer, Set<String> keys) {
        List<AccessRule> rules = new ArrayList<>();
        for (RuleEntry entry : Objects.requireNonNullElse(entries, List.<RuleEntry>of())) {
            List<String> names = Objects.requireNonNullElse(entry.names, List.<String>of()).stream()
                    .map(ZoneEntry::name)
                    .toList();
            rules.add(new AccessRule(
                    Objects.requireNonNull(key(entry.key, pointer + "/" + rules.size(), keys)),
                    Objects.requireNonNullElse(entry.from, List.of()),
                    names));
        }
        return rules;
    }

    private static List<RemoteServer> servers(@Nullable List<ServerEntry> entries, String pointer, Set<String> keys) {
        List<RemoteServer> servers = new ArrayList<>();
        for (ServerEntry entry : Objects.requireNonNullElse(entries, List.<ServerEntry>of())) {
            String own = pointer + "/" + servers.size();
            int port = entry.port == null ? DNS_PORT : entry.port;
            if (port < 1 || port > 65535) {
                throw new ConflictException(own + "/port", "a port is from 1 to 65535, not " + port);
            }
            servers.add(new RemoteServer(
                    new InetSocketAddress(address(entry.address, own + "/address"), port), key(entry.key, own, keys)));
        }
        return servers;
    }

    private static InetAddress address(String text, String pointer) {
        try {
            IpPrefix prefix = IpPrefix.parse(text);
            if (prefix.length() == prefix.address().length * 8) {
                return InetAddress.getByAddress(prefix.address());
            }
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw new ConflictException(pointer, Objects.toString(e.getMessage()));
        }
        throw new ConflictException(pointer, "'" + text + "' is a prefix, not an address");
    }

    private static @Nullable String key(@Nullable String key, String pointer, Set<String> keys) {
        if (key == null) {
            return null;
        }
        if (!keys.contains(name(key))) {
            throw new ConflictException(pointer + "/key", "key '" + key + "' is not among the keys");
        }
        return name(key);
    }

    /** In lower case, without a final dot. */
    static String name(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
