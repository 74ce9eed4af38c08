package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.tls.CertificateDirectory;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/** What a TLS connection was opened for, and so which requests may come over it; of one event loop. */
final class TlsConnection {

    private static final AttributeKey<TlsConnection> KEY = AttributeKey.valueOf(TlsConnection.class, "connection");

    private final CertificateDirectory certificates;
    private final AlternativeService alternative;
    private final @Nullable String serverName;
    private @Nullable String covered;

    /** @param serverName that the client asked for in its hello (RFC 6066 section 3); null when it named none */
    TlsConnection(CertificateDirectory certificates, AlternativeService alternative, @Nullable String serverName) {
        this.certificates = certificates;
        this.alternative = alternative;
        this.serverName = serverName;
    }

    void attach(Channel channel) {
        channel.attr(KEY).set(this);
    }

    /** That of a connection, or of the connection that a stream belongs to; null for a cleartext one. */
    static @Nullable TlsConnection of(Channel channel) {
        Channel parent = channel.parent();
        TlsConnection own = channel.attr(KEY).get();
        return own != null || parent == null ? own : parent.attr(KEY).get();
    }

    /** What its responses announce. */
    AlternativeService alternative() {
        return alternative;
    }

    /** Whether the request is for whom the connection was opened (RFC 9110 section 7.4). */
    boolean covers(CacheRequest request) {
        String authority = request.authority();
        if (authority.equals(covered)) {
            return true;
        }
        if (certificates.covers(serverName, request.host())) {
            covered = authority;
            return true;
        }
        return false;
    }
}
