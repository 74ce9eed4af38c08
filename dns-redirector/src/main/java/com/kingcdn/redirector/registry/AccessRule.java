package com.kingcdn.redirector.registry;

import com.kingcdn.topology.IpPrefix;
import java.net.InetAddress;
import java.util.List;

/**
 * Who may take a zone or change it: the owner of a key, from certain places.
 *
 * @param key name of the key that requests must be signed with
 * @param from where requests may come from; anywhere when empty
 * @param names what may be changed, a name or {@code *.} and the name above; all of the zone when empty
 */
public record AccessRule(String key, List<IpPrefix> from, List<String> names) {

    public AccessRule {
        from = List.copyOf(from);
        names = List.copyOf(names);
    }

    /** Whether a request signed with a key may come from an address by this rule. */
    public boolean admits(String signer, InetAddress client) {
        return key.equals(signer)
                && (from.isEmpty() || from.stream().anyMatch(prefix -> prefix.contains(client.getAddress())));
    }

    /** Whether a name, in lower case and without a final dot, may be changed by this rule. */
    public boolean covers(String name) {
        return names.isEmpty()
                || names.stream()
                        .anyMatch(own -> own.startsWith("*.") ? isBelow(name, own.substring(2)) : own.equals(name));
    }

    private static boolean isBelow(String name, String above) {
        int dot = name.length() - above.length() - 1;
        if (dot < 1 || name.charAt(dot) != '.' || !name.endsWith(above)) {
            return false;
        }
        int slashes = 0;
        while (slashes < dot && name.charAt(dot - 1 - slashes) == '\\') {
            slashes++;
        }
        // behind an odd number of them it is a character of a label (RFC 1035 section 5.1)
        return slashes % 2 == 0;
    }
}
