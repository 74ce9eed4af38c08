package com.kingcdn.edge.tls;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which certificate belongs to which name, immutable: its own, else the wildcard's that covers it (one label, RFC 9525 section 6.3),
 * else the default.
 *
 * @param byName names in lower case; a wildcard's begins with {@code *.}
 */
record CertificateTable(Map<String, ServerCertificate> byName) {

    static final String DEFAULT = "default";

    CertificateTable {
        byName = Map.copyOf(byName);
    }

    /** The certificate that a client is shown; null when there is none for it. */
    @Nullable
    ServerCertificate find(@Nullable String serverName) {
        ServerCertificate named = serverName == null ? null : named(serverName);
        return named == null ? byName.get(DEFAULT) : named;
    }

    private @Nullable ServerCertificate named(String serverName) {
        String host = serverName.toLowerCase(Locale.ROOT);
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        if (host.equals(DEFAULT)) {
            return null;
        }
        ServerCertificate exact = byName.get(host);
        int dot = host.indexOf('.');
        return exact != null || dot < 0 ? exact : byName.get("*" + host.substring(dot));
    }

    /**
     * Whether a connection opened for one name may carry requests for another (RFC 9110 section 15.5.20): both have the same certificate
     * by their names. The default certificate is nobody's: with it, only the very name the connection was opened for.
     */
    boolean covers(@Nullable String serverName, String host) {
        if (host.equalsIgnoreCase(serverName)) {
            return true;
        }
        ServerCertificate wanted = named(host);
        return serverName == null
                ? wanted == null || wanted == byName.get(DEFAULT)
                : wanted != null && wanted == named(serverName);
    }
}
